package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
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
	for _, kind := range [...]opKind{opPopVLAN, opPushVLAN, opDecTTL, opSet} {
		for i := range ops {
			if ops[i].kind != kind {
				continue
			}
			if err := c.step(&ops[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// step checks one action and notes what it makes certain.
func (c *checker) step(o *op) error {
	switch o.kind {
	case opPopVLAN:
		if err := c.require(&hasTag, "pop_vlan"); err != nil {
			return err
		}
		c.forget(flowtable.VLANTCI)
	case opPushVLAN:
		c.forget(flowtable.VLANTCI)
		c.known.Masked(flowtable.VLANTCI, flowtable.VLANPresent, flowtable.VLANPresent)
	case opDecTTL:
		return c.require(&isIP, "dec_nw_ttl")
	case opSet:
		for i := range o.field.conds {
			if err := c.require(&o.field.conds[i], "set_field"); err != nil {
				return err
			}
		}
		c.known.Exact(o.field.view, o.value)
	}
	return nil
}

// forget makes nothing certain of a field.
func (c *checker) forget(f flowtable.Field) {
	c.known.Mask.Set(f, 0)
	c.known.Key.Set(f, 0)
}

// require refuses an action whose condition cannot hold, or, if the condition
// is strict, is not certain to.
func (c *checker) require(cond *cond, action string) error {
	if cond.guard {
		return nil
	}
	certain := c.known.Mask.Get(cond.field)&cond.bits == cond.bits
	if certain && cond.holds(c.known.Key.Get(cond.field)) || !certain && !cond.strict {
		return nil
	}
	return badAction(ofp13.BadActionMatchInconsistent,
		"%s is for other packets than the match selects; match its prerequisites", action)
}
