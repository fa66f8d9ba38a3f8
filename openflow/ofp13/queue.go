package ofp13

// QueueGetConfigRequest is OFPT_QUEUE_GET_CONFIG_REQUEST (§7.3.6).
type QueueGetConfigRequest struct {
	Port uint32 // PortAny means every port
}

// QueueGetConfigReply is OFPT_QUEUE_GET_CONFIG_REPLY (§7.3.6).
type QueueGetConfigReply struct {
	Port   uint32
	Queues []PacketQueue
}

// PacketQueue describes one queue (§7.2.2).
type PacketQueue struct {
	QueueID    uint32
	Port       uint32
	Properties []QueueProperty
}

// QueueProperty is one property of a queue (§7.2.2).
type QueueProperty struct {
	Property     uint16 // OFPQT_*: QueuePropMinRate...
	Rate         uint16 // QueuePropMinRate, QueuePropMaxRate: tenths of a percent; above 1000 means disabled
	Experimenter uint32 // QueuePropExperimenter: id
	Data         []byte // QueuePropExperimenter: what follows the id
}
