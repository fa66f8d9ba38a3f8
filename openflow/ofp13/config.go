package ofp13

// GetConfigRequest is OFPT_GET_CONFIG_REQUEST (§7.3.2).
type GetConfigRequest struct{}

// GetConfigReply is OFPT_GET_CONFIG_REPLY (§7.3.2).
type GetConfigReply struct {
	Flags       uint16 // OFPC_FRAG_*
	MissSendLen uint16 // bytes of a packet for the controller, OFPCML_*
}

// SetConfig is OFPT_SET_CONFIG (§7.3.2).
type SetConfig struct {
	Flags       uint16 // OFPC_FRAG_*
	MissSendLen uint16 // bytes of a packet for the controller, OFPCML_*
}
