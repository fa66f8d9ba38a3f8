package ofp13

// TableMod is OFPT_TABLE_MOD (§7.3.3).
type TableMod struct {
	TableID uint8  // TableAll means every table
	Config  uint32 // OFPTC_*; all bits are deprecated
}
