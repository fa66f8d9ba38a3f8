package translate

// Program is what a flow entry does: its instructions, checked and compiled. It
// is immutable; anyone may read it.
type Program struct {
	encoded string // the instructions as they were sent

	meter    uint32 // 0 for none
	apply    []op
	clear    bool
	write    []op
	metadata uint64 // value, within metaMask
	metaMask uint64
	jump     bool // goto table
	next     uint8

	outputs []uint32 // ports that it outputs to, reserved ones included
	groups  []uint32 // groups that it uses
}

// Encoded returns the instructions as they were sent, in their order, as they
// are on the wire: statistics must give them back to the letter.
func (p *Program) Encoded() string { return p.encoded }

// OutputsTo reports whether any action outputs to the port, which may be a
// reserved one: the filter out_port (§7.3.4.1, without its wildcard OFPP_ANY).
func (p *Program) OutputsTo(port uint32) bool {
	for _, o := range p.outputs {
		if o == port {
			return true
		}
	}
	return false
}

// UsesGroup reports whether any action uses the group: the filter out_group
// (without its wildcard OFPG_ANY).
func (p *Program) UsesGroup(group uint32) bool {
	for _, g := range p.groups {
		if g == group {
			return true
		}
	}
	return false
}

// Groups returns the groups that actions use, in the order of the actions; one
// may be there twice. The slice must not be changed.
func (p *Program) Groups() []uint32 { return p.groups }
