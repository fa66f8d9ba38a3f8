package ofp13

// GroupMod is OFPT_GROUP_MOD (§7.3.4.2).
type GroupMod struct {
	Command uint16 // OFPGC_*
	Type    uint8  // OFPGT_*
	GroupID uint32
	Buckets []Bucket
}

// Bucket is one bucket of a group (§7.3.4.2).
type Bucket struct {
	Weight     uint16 // select groups
	WatchPort  uint32 // fast failover groups; PortAny if none
	WatchGroup uint32 // fast failover groups; GroupAny if none
	Actions    []Action
}
