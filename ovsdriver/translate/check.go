package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// checker follows what is certain of a packet's type from an entry's match
// through its actions, and refuses actions on headers that the packet does not
// have or need not have (§7.2.5: the match must contain a set field's
// prerequisites; OFPBAC_MATCH_INCONSISTENT).
type checker struct {
	known flowtable.Match // all that is certain
}

// check follows a list of actions in its order.
func (c *checker) check(ops []op) error {
	for i := range ops {
		if err := c.step(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkSet follows the actions of a write-actions in the order in which an
// action set executes them (§5.10).
func (c *checker) checkSet(ops []op) error {
	var set actionSet
	for i := range ops {
		set.write(&ops[i], nil, 0)
	}
	set.sort()
	for i := range set.n {
		if err := c.step(set.order[i].op); err != nil {
			return err
		}
	}
	return nil
}

// step checks one action and notes what it makes certain.
func (c *checker) step(o *op) error {
	if cond := o.presupposes(); cond != nil {
		if err := c.require(cond, o); err != nil {
			return err
		}
	}
	switch o.kind {
	case opPopVLAN:
		c.forget(flowtable.VLANTCI)
	case opPushVLAN:
		c.forget(flowtable.VLANTCI)
		c.known.Masked(flowtable.VLANTCI, flowtable.VLANPresent, flowtable.VLANPresent)
	case opPushMPLS, opPopMPLS:
		c.retype(uint64(o.etherType))
	case opPushPBB:
		c.forget(flowtable.VLANTCI)
		c.retype(packet.TypePBB)
	case opPopPBB: // the customer's frame may be any
		c.forget(flowtable.VLANTCI)
		c.retype(packet.TypePBB)
		c.forget(flowtable.EthType)
	case opSet:
		return c.set(o)
	}
	return nil
}

// presupposes returns what a packet must be for an action other than a set-field
// (§5.12), or nil.
func (o *op) presupposes() *cond {
	switch o.kind {
	case opPopVLAN:
		return &hasTag
	case opPopMPLS, opDecMPLSTTL:
		return &isMPLS
	case opPopPBB:
		return &isPBB
	case opDecTTL:
		return &isIP
	case opCopyTTLOut, opCopyTTLIn:
		return &hasTTL
	}
	return nil
}

// set checks a set-field.
func (c *checker) set(o *op) error {
	for i := range o.field.conds {
		if err := c.require(&o.field.conds[i], o); err != nil {
			return err
		}
	}
	if o.field.view == flowtable.EthType {
		c.retype(o.value)
		return nil
	}
	c.known.Exact(o.field.view, o.value)
	return nil
}

// retype makes the EtherType certain, and nothing of what lies behind it. A
// VLAN tag's type is none: the packet's is that behind the tag.
func (c *checker) retype(etherType uint64) {
	for part := range partMasks {
		if partPayload>>part&1 != 0 {
			for _, f := range partFields[part] {
				c.forget(f)
			}
		}
	}
	c.forget(flowtable.EthType)
	if etherType == packet.TypeVLAN || etherType == packet.TypeSVLAN {
		c.forget(flowtable.VLANTCI)
		return
	}
	c.known.Exact(flowtable.EthType, etherType)
}

// forget makes nothing certain of a field.
func (c *checker) forget(f flowtable.Field) {
	c.known.Mask.Set(f, 0)
	c.known.Key.Set(f, 0)
}

// require refuses an action whose condition cannot hold, or, if the condition
// is strict, is not certain to.
func (c *checker) require(cond *cond, o *op) error {
	if cond.guard {
		return nil
	}
	certain := c.known.Mask.Get(cond.field)&cond.bits == cond.bits
	if certain && cond.holds(c.known.Key.Get(cond.field)) || !certain && !cond.strict {
		return nil
	}
	return badAction(ofp13.BadActionMatchInconsistent,
		"%s is for other packets than the match selects; match its prerequisites", o)
}
