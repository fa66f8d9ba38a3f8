package ofp13

import "encoding/binary"

// AsyncConfig says which asynchronous messages a controller wants (§7.3.10):
// bit r of a mask for reason r; index 0 for a master or equal, 1 for a slave.
type AsyncConfig struct {
	PacketInMask    [2]uint32 // bits 1 << OFPR_*
	PortStatusMask  [2]uint32 // bits 1 << OFPPR_*
	FlowRemovedMask [2]uint32 // bits 1 << OFPRR_*
}

// GetAsyncRequest is OFPT_GET_ASYNC_REQUEST (§7.3.10).
type GetAsyncRequest struct{}

// AppendTo appends the whole message.
func (m *GetAsyncRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendEmpty(b, TypeGetAsyncRequest, xid)
}

// Decode reads one whole message.
func (m *GetAsyncRequest) Decode(b []byte) error {
	return checkExact(b, TypeGetAsyncRequest, HeaderLen)
}

// GetAsyncReply is OFPT_GET_ASYNC_REPLY (§7.3.10).
type GetAsyncReply struct {
	AsyncConfig
}

// AppendTo appends the whole message.
func (m *GetAsyncReply) AppendTo(b []byte, xid uint32) []byte {
	return m.AsyncConfig.append(b, TypeGetAsyncReply, xid)
}

// Decode reads one whole message.
func (m *GetAsyncReply) Decode(b []byte) error {
	return m.AsyncConfig.decode(b, TypeGetAsyncReply)
}

// SetAsync is OFPT_SET_ASYNC (§7.3.10).
type SetAsync struct {
	AsyncConfig
}

// AppendTo appends the whole message.
func (m *SetAsync) AppendTo(b []byte, xid uint32) []byte {
	return m.AsyncConfig.append(b, TypeSetAsync, xid)
}

// Decode reads one whole message. Bits of reasons that do not exist are kept:
// they do no harm, and controllers send all ones.
func (m *SetAsync) Decode(b []byte) error {
	return m.AsyncConfig.decode(b, TypeSetAsync)
}

func (m *AsyncConfig) masks() [3]*[2]uint32 {
	return [3]*[2]uint32{&m.PacketInMask, &m.PortStatusMask, &m.FlowRemovedMask}
}

func (m *AsyncConfig) append(b []byte, typ uint8, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, typ, xid)
	for _, mask := range m.masks() {
		b = binary.BigEndian.AppendUint32(b, mask[0])
		b = binary.BigEndian.AppendUint32(b, mask[1])
	}
	return finish(b, start)
}

func (m *AsyncConfig) decode(b []byte, typ uint8) error {
	if err := checkExact(b, typ, 32); err != nil {
		return err
	}
	for i, mask := range m.masks() {
		mask[0] = binary.BigEndian.Uint32(b[8+8*i:])
		mask[1] = binary.BigEndian.Uint32(b[12+8*i:])
	}
	return nil
}
