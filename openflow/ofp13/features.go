package ofp13

// FeaturesRequest is OFPT_FEATURES_REQUEST (§7.3.1).
type FeaturesRequest struct{}

// FeaturesReply is OFPT_FEATURES_REPLY (§7.3.1).
type FeaturesReply struct {
	DatapathID   uint64 // lower 48 bits a MAC address, upper 16 the implementer's
	NBuffers     uint32
	NTables      uint8
	AuxiliaryID  uint8
	Capabilities uint32 // OFPC_*: CapabilityFlowStats...
	Reserved     uint32
}
