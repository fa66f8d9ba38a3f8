package bsn

// ID is the experimenter id of Big Switch Networks.
const ID = 0x005c16c7

// Types of messages, the exp_type of an ofp13.Experimenter.
const (
	TypeGentableEntryAdd             uint32 = 46
	TypeGentableEntryDelete          uint32 = 47
	TypeGentableClearRequest         uint32 = 48
	TypeGentableClearReply           uint32 = 49
	TypeGentableSetBucketsSize       uint32 = 50
	TypeControllerConnectionsRequest uint32 = 56
	TypeControllerConnectionsReply   uint32 = 57
	TypeTableSetBucketsSize          uint32 = 61
)

// Types of multiparts, the exp_type of an ofp13.ExperimenterMultipart. A
// request and its reply share one.
const (
	MultipartGentableEntryDesc   uint32 = 2
	MultipartGentableEntryStats  uint32 = 3
	MultipartGentableDesc        uint32 = 4
	MultipartGentableBucketStats uint32 = 5
	MultipartGentableStats       uint32 = 7
	MultipartFlowChecksumBuckets uint32 = 10
	MultipartTableChecksums      uint32 = 11
)

// Types of TLVs, as far as tables here know them.
const (
	TLVMAC              uint16 = 1 // 6 bytes
	TLVRxPackets        uint16 = 2 // 8 bytes
	TLVTxPackets        uint16 = 3 // 8 bytes
	TLVIPv4             uint16 = 4 // 4 bytes
	TLVVLANVID          uint16 = 6 // 2 bytes
	TLVIdleNotification uint16 = 7 // nothing
)

// Codes of a gentable error.
const (
	GentableErrorUnknown   uint16 = 0
	GentableErrorParam     uint16 = 1
	GentableErrorTableFull uint16 = 2
)
