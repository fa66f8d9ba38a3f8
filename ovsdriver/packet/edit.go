package packet

import (
	"encoding/binary"
	"errors"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// ErrNoRoom is a push into a buffer that is full at both ends.
var ErrNoRoom = errors.New("packet: no room in the frame's buffer for another header; receive it with datapath.Headroom")

// Edits reports whether actions of this kind change the frame, so that Edit
// does them. The other kinds are the executor's own, such as Output and Clone.
func Edits(kind datapath.ActKind) bool {
	switch kind {
	case datapath.Set, datapath.PushVLAN, datapath.PopVLAN, datapath.PushMPLS, datapath.PopMPLS,
		datapath.PushPBB, datapath.PopPBB, datapath.CopyTTLOut, datapath.CopyTTLIn:
		return true
	}
	return false
}

// Edit does one action that changes the frame, in place, and mends checksums
// and f.Offload. A Set of a field that the frame does not have, and a pop of a
// header that it does not have, change nothing. The errors are ErrNoRoom, and
// datapath.ErrUnsupported for an action that is no edit or a field that cannot
// be set in a frame; both leave the frame as it was. Headers are found below any
// number of VLAN tags, though Parse sees through two.
//
// Checksums are updated, not computed anew, so that a frame that came in broken
// leaves broken.
func Edit(f *datapath.Frame, a *datapath.Act) error {
	if a.Kind == datapath.Set {
		return set(f, a.Field, a.Value)
	}
	if !Edits(a.Kind) {
		return datapath.ErrUnsupported
	}
	if f.Len() < EthernetLen {
		return nil
	}
	switch a.Kind {
	case datapath.PushVLAN:
		return pushVLAN(f, a.EtherType, uint16(a.Value))
	case datapath.PopVLAN:
		popVLAN(f)
	case datapath.PushMPLS:
		return pushMPLS(f, a.EtherType, uint32(a.Value), int(a.Value>>32))
	case datapath.PopMPLS:
		popMPLS(f, a.EtherType)
	case datapath.PushPBB:
		return pushPBB(f, uint32(a.Value))
	case datapath.PopPBB:
		popPBB(f)
	case datapath.CopyTTLOut:
		copyTTLOut(f)
	case datapath.CopyTTLIn:
		copyTTLIn(f)
	}
	return nil
}

// editor is a frame during a Set, taken apart.
type editor struct {
	f *datapath.Frame
	b []byte
	l Layout
}

// set writes one field. Ethernet addresses are the most frequent ones and need
// no parse.
func set(f *datapath.Frame, field flowtable.Field, v uint64) error {
	b := f.Bytes()
	switch {
	case !settable(field):
		return datapath.ErrUnsupported
	case len(b) < EthernetLen:
	case field == flowtable.EthDst:
		Ethernet(b).SetDst(v)
	case field == flowtable.EthSrc:
		Ethernet(b).SetSrc(v)
	default:
		e := editor{f: f, b: b, l: locate(f)}
		e.set(field, v)
	}
	return nil
}

// set writes a field that only a parse can find.
func (e *editor) set(field flowtable.Field, v uint64) {
	switch e.l.EthType {
	case TypeIPv4:
		e.setIPv4(field, v)
	case TypeIPv6:
		e.setIPv6(field, v)
	case TypeARP, TypeRARP:
		e.setARP(field, v)
	case TypeMPLS, TypeMPLSM:
		e.setMPLS(field, v)
	case TypePBB:
		e.setPBB(field, v)
	}
	e.setLink(field, v)
}

// settable reports whether a field can be written into a frame.
func settable(field flowtable.Field) bool {
	switch field {
	case flowtable.InPort, flowtable.InPhyPort, flowtable.TunnelID,
		flowtable.RecircID, flowtable.DPHash, flowtable.Metadata,
		flowtable.VLANTPID, flowtable.VLAN2TCI, flowtable.VLAN2TPID,
		flowtable.IPFrag, flowtable.TCPFlags, flowtable.IPv6ExtHdr:
		return false
	}
	return field < flowtable.NumFields
}

// setLink writes EtherType and the outer tag. The tag's DEI stays as it is:
// no key has it.
func (e *editor) setLink(field flowtable.Field, v uint64) {
	if field == flowtable.EthType {
		e.put16(e.l.Type, uint16(v))
		return
	}
	if e.l.Tags == 0 {
		return
	}
	tag := VLAN(e.b[12:])
	var bits uint16
	switch field {
	case flowtable.VLANTCI:
		bits = ^uint16(tciDEI)
	case flowtable.VLANVID:
		bits = 0x0fff
	case flowtable.VLANPCP:
		bits, v = 0xe000, v<<13
	}
	tag.SetTCI(tag.TCI()&^bits | uint16(v)&bits)
}

// setMPLS writes into one of the label stack entries that the key holds.
func (e *editor) setMPLS(field flowtable.Field, v uint64) {
	index, width := 0, flowtable.ViewOf(field)
	switch field {
	case flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL:
	case flowtable.MPLS1:
		index = 1
	case flowtable.MPLS2:
		index = 2
	default:
		return
	}
	if index >= int(e.l.Labels) {
		return
	}
	// Where the parts of an entry lie in MPLS0, there they lie in the entry.
	shift := width.Shift - flowtable.ViewOf(flowtable.MPLS0).Shift
	if index != 0 {
		shift = 0
	}
	bits := uint32(field.Ones()) << shift
	entry := MPLS(e.b[e.l.L3+index*MPLSLen:])
	entry.SetEntry(entry.Entry()&^bits | uint32(v)<<shift&bits)
}

// setPBB writes into the I-TAG.
func (e *editor) setPBB(field flowtable.Field, v uint64) {
	if e.l.L3 == 0 {
		return
	}
	tag := ITag(e.b[e.l.L3:])
	switch field {
	case flowtable.PBBISID:
		tag.SetWord(tag.Word()&^itagISID | uint32(v)&itagISID)
	case flowtable.PBBUCA:
		tag.SetWord(tag.Word()&^(1<<itagUCAShift) | uint32(v)&1<<itagUCAShift)
	}
}

func (e *editor) put16(at int, v uint16)   { binary.BigEndian.PutUint16(e.b[at:], v) }
func (e *editor) get16(at int) uint16      { return binary.BigEndian.Uint16(e.b[at:]) }
func (e *editor) putAddr(at int, v uint64) { putMAC(e.b[at:], v) }
