package ofp13

// RoleRequest is OFPT_ROLE_REQUEST (§7.3.9).
type RoleRequest struct {
	Role         uint32 // OFPCR_ROLE_*
	GenerationID uint64
}

// RoleReply is OFPT_ROLE_REPLY (§7.3.9).
type RoleReply struct {
	Role         uint32 // OFPCR_ROLE_*
	GenerationID uint64
}
