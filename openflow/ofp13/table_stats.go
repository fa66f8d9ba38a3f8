package ofp13

// TableStats is one element of an OFPMP_TABLE reply (§7.3.5.4).
type TableStats struct {
	TableID      uint8
	ActiveCount  uint32
	LookupCount  uint64
	MatchedCount uint64
}
