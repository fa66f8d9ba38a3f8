package ofp13

// AsyncConfig says which asynchronous messages a controller wants (§7.3.10):
// bit r of a mask for reason r; index 0 for a master or equal, 1 for a slave.
type AsyncConfig struct {
	PacketInMask    [2]uint32 // bits 1 << OFPR_*
	PortStatusMask  [2]uint32 // bits 1 << OFPPR_*
	FlowRemovedMask [2]uint32 // bits 1 << OFPRR_*
}

// GetAsyncRequest is OFPT_GET_ASYNC_REQUEST (§7.3.10).
type GetAsyncRequest struct{}

// GetAsyncReply is OFPT_GET_ASYNC_REPLY (§7.3.10).
type GetAsyncReply struct {
	AsyncConfig
}

// SetAsync is OFPT_SET_ASYNC (§7.3.10).
type SetAsync struct {
	AsyncConfig
}
