package differential

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// labels is what is known of a packet's MPLS label stack.
type labels int

const (
	labelsNone labels = iota // not MPLS, or nothing is known
	labelsAny                // MPLS
	labelsMore               // the outer entry has another below it
	labelsLast               // the outer entry is at the bottom of the stack
)

// mpls is what a scenario does with label stacks.
type mpls struct {
	on    bool   // they are matched and edited
	push  place  // where one entry is pushed
	pop   bool   // the last entry may be popped
	inner uint16 // the EtherType of what all frames have below their stacks
	outer uint16 // the EtherType of all stacks
}

// place is where something is generated: a table's action lists, or one of
// these.
type place int

const (
	nowhere place = -1 - iota
	inSets
	inBuckets
)

func (p *path) place() place {
	switch {
	case p.bucket:
		return inBuckets
	case p.set:
		return inSets
	}
	return place(p.table)
}

// maxLabels is how many entries a frame has: Open vSwitch knows three, and no
// path pushes more than one.
func (g *generator) maxLabels() int {
	if g.mpls.push == nowhere {
		return 3
	}
	return 2
}

// pushLabel pushes an entry. Where the packet may have none, its fields follow
// at once: the specification makes them zero but for the TTL (section 5.12.1),
// Open vSwitch does not. In an action set, which pushes first, so does this.
func (g *generator) pushLabel(p *path) []string {
	if !g.mpls.on || p.place() != g.mpls.push || p.pushedLabel || p.set && p.any {
		return nil
	}
	actions := []string{fmt.Sprintf("push_mpls:%#x", g.mpls.outer)}
	below, state := p.kind, labelsLast
	switch {
	case below.labels != labelsNone:
		state = labelsMore
	case below.ethType == 0:
		state = labelsAny
	}
	if below.labels == labelsNone {
		actions = append(actions, set(mplsLabel, mplsLabel.value(g.Rand)), set(mplsTC, mplsTC.value(g.Rand)),
			fmt.Sprint("set_mpls_ttl:", g.ttl()))
	}
	p.kind, p.below, p.pushedLabel = mplsKind(g.mpls.outer, state), &below, true
	return actions
}

// popLabel pops an entry that there surely is, to the EtherType of what is below
// it. Not in an action set: later tables may have changed the stack.
func (g *generator) popLabel(p *path) []string {
	if p.set && !p.bucket {
		return nil
	}
	switch {
	case p.kind.labels == labelsMore:
		p.kind, p.below = mplsKind(g.mpls.outer, labelsAny), nil
	case p.kind.labels == labelsLast && g.mpls.pop && p.below != nil:
		p.kind, p.below = kindOfType(p.below.ethType), nil // a pop promises no more
	case p.kind.labels == labelsLast && g.mpls.pop:
		p.kind = kindOfType(g.mpls.inner)
	default:
		return nil
	}
	p.popped = true
	return []string{fmt.Sprintf("pop_mpls:%#x", p.kind.ethType)}
}

func (g *generator) changeLabelTTL(p *path) []string {
	switch {
	case p.kind.labels == labelsNone:
		return nil
	case g.IntN(2) == 0:
		return []string{fmt.Sprint("set_mpls_ttl:", g.ttl())}
	case !g.mayExpire(p):
		return nil
	}
	return []string{"dec_mpls_ttl"}
}

// labelled appends an EtherType of MPLS, a stack and what is below it.
func (g *generator) labelled(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, g.mpls.outer)
	n := 1 + g.IntN(g.maxLabels())
	for i := range n {
		entry := uint32(number(mplsLabel.value(g.Rand)))<<12 | uint32(g.IntN(8))<<9 | uint32(g.ttl())
		if i == n-1 {
			entry |= bottom
		}
		b = binary.BigEndian.AppendUint32(b, entry)
	}
	at := len(b) - 2
	last := [2]byte(b[at:])
	// The payload's maker begins with its EtherType, which MPLS leaves out.
	switch b = b[:at]; g.mpls.inner {
	case 0x0800:
		b = g.ip4(append(b, 0, 0))
	case 0x86dd:
		b = g.ip6(append(b, 0, 0))
	case 0x0806:
		b = g.arp(b)
	default:
		b = append(append(b, 0, 0), g.bytes(g.IntN(60))...)
	}
	copy(b[at:], last[:])
	return b
}

// bottom is a label stack entry's bottom-of-stack bit.
const bottom = 1 << 8

// skipLabels steps over a label stack and reports whether it has at most so many
// entries, with TTLs that live.
func (g *generator) skipLabels(b []byte, most int) ([]byte, bool) {
	for range most {
		if len(b) < 4 || !g.lives(b[3]) {
			return nil, false
		}
		entry := binary.BigEndian.Uint32(b)
		if b = b[4:]; entry&bottom != 0 {
			return b, true
		}
	}
	return nil, false
}

var (
	mplsLabel = &field{name: "mpls_label", bits: 20, show: dec, pool: numbers(20, 0, 2, 3, 16, 17, 0xfffff)}
	mplsTC    = &field{name: "mpls_tc", bits: 3, show: dec, pool: numbers(3, 0, 1, 5, 7)}
	mplsBOS   = &field{name: "mpls_bos", bits: 1, show: dec, pool: numbers(1, 0, 1), only: true, noSet: true}
)

// mplsKind is MPLS with what is known of its stack.
func mplsKind(ethType uint16, state labels) kind {
	k := kind{match: []string{fmt.Sprintf("dl_type=%#x", ethType)}, ethType: ethType, labels: state,
		fields: slices.Concat(always, []*field{mplsLabel, mplsTC})}
	switch state {
	case labelsMore:
		k.match = append(k.match, "mpls_bos=0")
	case labelsLast:
		k.match = append(k.match, "mpls_bos=1")
	default:
		k.fields = append(k.fields, mplsBOS)
	}
	return k
}

// anyMPLSKind draws a kind that matches are made for.
func (g *generator) anyMPLSKind() kind {
	return mplsKind(g.mpls.outer, labelsAny+labels(g.IntN(3)))
}

// kindOfType is the kind of all packets of an EtherType.
func kindOfType(ethType uint16) kind {
	for _, k := range kinds {
		if k.ethType == ethType && len(k.match) == 1 {
			return k
		}
	}
	return kind{match: []string{fmt.Sprintf("dl_type=%#x", ethType)}, fields: always, ethType: ethType}
}
