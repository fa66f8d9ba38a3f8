package ofp13

// GroupStatsRequest is the body of an OFPMP_GROUP request (§7.3.5.9).
type GroupStatsRequest struct {
	GroupID uint32 // GroupAll means every group
}

// GroupStats is one element of an OFPMP_GROUP reply (§7.3.5.9).
type GroupStats struct {
	GroupID      uint32
	RefCount     uint32 // flow entries and groups that forward to this one
	PacketCount  uint64
	ByteCount    uint64
	DurationSec  uint32
	DurationNsec uint32
	Buckets      []BucketCounter
}

// BucketCounter counts one bucket (§7.3.5.9).
type BucketCounter struct {
	PacketCount uint64
	ByteCount   uint64
}

// GroupDesc is one element of an OFPMP_GROUP_DESC reply (§7.3.5.10).
type GroupDesc struct {
	Type    uint8 // OFPGT_*
	GroupID uint32
	Buckets []Bucket
}

// GroupFeatures is the body of an OFPMP_GROUP_FEATURES reply (§7.3.5.11).
// Arrays are indexed by group type.
type GroupFeatures struct {
	Types        uint32    // bits 1 << OFPGT_*
	Capabilities uint32    // OFPGFC_*
	MaxGroups    [4]uint32 // how many groups of the type there may be
	Actions      [4]uint32 // bits 1 << OFPAT_*
}
