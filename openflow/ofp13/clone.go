package ofp13

import "slices"

// Clone returns an action that shares nothing with a.
func (a *Action) Clone() Action {
	c := *a
	c.Experimenter = slices.Clone(a.Experimenter)
	return c
}

// CloneActions clones a list of actions.
func CloneActions(actions []Action) []Action { return cloneList(actions) }

// Clone returns an instruction that shares nothing with in.
func (in *Instruction) Clone() Instruction {
	c := *in
	c.Actions = CloneActions(in.Actions)
	c.Experimenter = slices.Clone(in.Experimenter)
	return c
}

// CloneInstructions clones a list of instructions.
func CloneInstructions(list []Instruction) []Instruction { return cloneList(list) }

// Clone returns a bucket that shares nothing with k.
func (k *Bucket) Clone() Bucket {
	c := *k
	c.Actions = CloneActions(k.Actions)
	return c
}

// CloneBuckets clones a list of buckets.
func CloneBuckets(list []Bucket) []Bucket { return cloneList(list) }

// cloneList clones each element; of an empty list nothing stays, not even its
// capacity.
func cloneList[T any, P interface {
	*T
	Clone() T
}](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	out := make([]T, len(list))
	for i := range list {
		out[i] = P(&list[i]).Clone()
	}
	return out
}

// CloneBands clones a list of meter bands.
func CloneBands(list []MeterBand) []MeterBand {
	out := slices.Clone(list)
	for i := range out {
		out[i].Data = slices.Clone(out[i].Data)
	}
	return out
}

// Clone returns a flow-mod that shares nothing with m.
func (m *FlowMod) Clone() *FlowMod {
	c := *m
	c.Match = m.Match.Clone()
	c.Instructions = CloneInstructions(m.Instructions)
	return &c
}

// Clone returns a packet-out that shares nothing with m.
func (m *PacketOut) Clone() *PacketOut {
	c := *m
	c.Actions = CloneActions(m.Actions)
	c.Data = slices.Clone(m.Data)
	return &c
}

// Clone returns a group-mod that shares nothing with m.
func (m *GroupMod) Clone() *GroupMod {
	c := *m
	c.Buckets = CloneBuckets(m.Buckets)
	return &c
}

// Clone returns a meter-mod that shares nothing with m.
func (m *MeterMod) Clone() *MeterMod {
	c := *m
	c.Bands = CloneBands(m.Bands)
	return &c
}
