package ofp13

// EchoRequest is OFPT_ECHO_REQUEST (§7.5.2): data that comes back unchanged.
type EchoRequest struct {
	Data []byte
}

// EchoReply is OFPT_ECHO_REPLY (§7.5.3).
type EchoReply struct {
	Data []byte
}

// Experimenter is OFPT_EXPERIMENTER (§7.5.4).
type Experimenter struct {
	Experimenter uint32
	ExpType      uint32
	Data         []byte
}

// BarrierRequest is OFPT_BARRIER_REQUEST (§7.3.8).
type BarrierRequest struct{}

// BarrierReply is OFPT_BARRIER_REPLY (§7.3.8).
type BarrierReply struct{}
