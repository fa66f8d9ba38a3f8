package ofp13

import "strconv"

// typeNames is indexed by message type (§7.1).
var typeNames = [...]string{
	"HELLO", "ERROR", "ECHO_REQUEST", "ECHO_REPLY", "EXPERIMENTER",
	"FEATURES_REQUEST", "FEATURES_REPLY", "GET_CONFIG_REQUEST", "GET_CONFIG_REPLY", "SET_CONFIG",
	"PACKET_IN", "FLOW_REMOVED", "PORT_STATUS",
	"PACKET_OUT", "FLOW_MOD", "GROUP_MOD", "PORT_MOD", "TABLE_MOD",
	"MULTIPART_REQUEST", "MULTIPART_REPLY", "BARRIER_REQUEST", "BARRIER_REPLY",
	"QUEUE_GET_CONFIG_REQUEST", "QUEUE_GET_CONFIG_REPLY", "ROLE_REQUEST", "ROLE_REPLY",
	"GET_ASYNC_REQUEST", "GET_ASYNC_REPLY", "SET_ASYNC", "METER_MOD",
}

// multipartNames is indexed by multipart type (§7.3.5).
var multipartNames = [...]string{
	"DESC", "FLOW", "AGGREGATE", "TABLE", "PORT_STATS", "QUEUE", "GROUP", "GROUP_DESC", "GROUP_FEATURES",
	"METER", "METER_CONFIG", "METER_FEATURES", "TABLE_FEATURES", "PORT_DESC",
}

// TypeName is the specification's name of a message type, such as
// "OFPT_FLOW_MOD", or the number of one that has none. It is for people.
func TypeName(typ uint8) string {
	if int(typ) < len(typeNames) {
		return "OFPT_" + typeNames[typ]
	}
	return strconv.Itoa(int(typ))
}

// MultipartName is TypeName for multipart types, such as "OFPMP_FLOW".
func MultipartName(typ uint16) string {
	switch {
	case typ == MultipartExperimenter:
		return "OFPMP_EXPERIMENTER"
	case int(typ) < len(multipartNames):
		return "OFPMP_" + multipartNames[typ]
	}
	return strconv.Itoa(int(typ))
}
