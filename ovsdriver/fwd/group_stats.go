package fwd

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// pinnedGroup is a group as it was when its statistics were asked for.
type pinnedGroup struct {
	group   *translate.Group
	created int64
	refs    *atomic.Uint32
}

// pin returns the groups that a request selects, by identifier.
func (t *Tables) pinGroups(id uint32) []pinnedGroup {
	t.complete()
	var list []pinnedGroup
	if m := t.groups.members[id]; m != nil {
		return append(list, pinnedGroup{m.group, m.created, m.refs})
	}
	if id != ofp13.GroupAll {
		return nil
	}
	for _, m := range t.groups.members {
		list = append(list, pinnedGroup{m.group, m.created, m.refs})
	}
	slices.SortFunc(list, func(a, b pinnedGroup) int { return cmp.Compare(a.group.ID, b.group.ID) })
	return list
}

// GroupStats returns the statistics of a group, or of all for OFPG_ALL
// (§7.3.5.9); of one that is not there, none. The counters are those when the
// stream is read.
func (g *Groups) GroupStats(group uint32) (ofp13.Stream, error) {
	return &groupStream{g.tables.pinGroups(group), g.tables.cfg.Now, ofp13.GroupStats{}}, nil
}

// groupStream generates the statistics of groups.
type groupStream struct {
	groups []pinnedGroup // still to come
	now    func() int64
	stats  ofp13.GroupStats
}

// Next implements ofp13.Stream.
func (s *groupStream) Next(b []byte) ([]byte, bool) {
	if len(s.groups) == 0 {
		return b, false
	}
	s.fill(&s.groups[0])
	s.groups = s.groups[1:]
	return s.stats.Append(b), true
}

func (s *groupStream) fill(p *pinnedGroup) {
	packets, bytes, _ := p.group.Stats.Read()
	sec, nsec := duration(p.created, s.now())
	s.stats = ofp13.GroupStats{
		GroupID:      p.group.ID,
		RefCount:     p.refs.Load(),
		PacketCount:  packets,
		ByteCount:    bytes,
		DurationSec:  sec,
		DurationNsec: nsec,
		Buckets:      s.stats.Buckets[:0],
	}
	for i := range p.group.Buckets {
		packets, bytes, _ := p.group.Buckets[i].Stats.Read()
		s.stats.Buckets = append(s.stats.Buckets, ofp13.BucketCounter{PacketCount: packets, ByteCount: bytes})
	}
}

// GroupDesc returns the descriptions of all groups, as they were sent
// (§7.3.5.10).
func (g *Groups) GroupDesc() ofp13.Stream { return &descStream{g.tables.pinGroups(ofp13.GroupAll)} }

// descStream generates the descriptions of groups.
type descStream struct{ groups []pinnedGroup }

// Next implements ofp13.Stream.
func (s *descStream) Next(b []byte) ([]byte, bool) {
	if len(s.groups) == 0 {
		return b, false
	}
	g := s.groups[0].group
	s.groups = s.groups[1:]
	d := ofp13.GroupDesc{Type: g.Type, GroupID: g.ID}
	for i := range g.Buckets {
		d.Buckets = append(d.Buckets, g.Buckets[i].Spec)
	}
	return d.Append(b), true
}

// GroupFeatures says what groups there can be (§7.3.5.11): of every type, with
// every action that the flow tables have.
func (g *Groups) GroupFeatures(f *ofp13.GroupFeatures) {
	*f = ofp13.GroupFeatures{
		Types: 1<<ofp13.GroupTypeAll | 1<<ofp13.GroupTypeSelect | 1<<ofp13.GroupTypeIndirect | 1<<ofp13.GroupTypeFastFailover,
		Capabilities: ofp13.GroupCapabilitySelectWeight | ofp13.GroupCapabilitySelectLiveness |
			ofp13.GroupCapabilityChaining | ofp13.GroupCapabilityChainingChecks,
	}
	actions := uint32(0)
	for _, a := range supportedActions() {
		actions |= 1 << a.Type
	}
	for typ := range f.MaxGroups {
		f.MaxGroups[typ], f.Actions[typ] = uint32(g.tables.groups.max), actions
	}
}
