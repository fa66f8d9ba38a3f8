package ofp13

import "encoding/binary"

// FeaturesRequest is OFPT_FEATURES_REQUEST (§7.3.1).
type FeaturesRequest struct{}

// AppendTo appends the whole message.
func (m *FeaturesRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendEmpty(b, TypeFeaturesRequest, xid)
}

// Decode reads one whole message.
func (m *FeaturesRequest) Decode(b []byte) error {
	return checkExact(b, TypeFeaturesRequest, HeaderLen)
}

// FeaturesReply is OFPT_FEATURES_REPLY (§7.3.1).
type FeaturesReply struct {
	DatapathID   uint64 // lower 48 bits a MAC address, upper 16 the implementer's
	NBuffers     uint32
	NTables      uint8
	AuxiliaryID  uint8
	Capabilities uint32 // OFPC_*: CapabilityFlowStats...
	Reserved     uint32
}

// AppendTo appends the whole message.
func (m *FeaturesReply) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeFeaturesReply, xid)
	b = binary.BigEndian.AppendUint64(b, m.DatapathID)
	b = binary.BigEndian.AppendUint32(b, m.NBuffers)
	b = append(b, m.NTables, m.AuxiliaryID, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Capabilities)
	b = binary.BigEndian.AppendUint32(b, m.Reserved)
	return finish(b, start)
}

// Decode reads one whole message.
func (m *FeaturesReply) Decode(b []byte) error {
	if err := checkExact(b, TypeFeaturesReply, 32); err != nil {
		return err
	}
	m.DatapathID = binary.BigEndian.Uint64(b[8:])
	m.NBuffers = binary.BigEndian.Uint32(b[16:])
	m.NTables = b[20]
	m.AuxiliaryID = b[21]
	m.Capabilities = binary.BigEndian.Uint32(b[24:])
	m.Reserved = binary.BigEndian.Uint32(b[28:])
	return nil
}
