package packet

import (
	"encoding/binary"
	"math"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// insert opens n bytes at offset at, by moving what is before them towards the
// buffer's beginning, or the whole frame away from it if there is no room.
func insert(f *datapath.Frame, at, n int) error {
	if f.Start < n {
		if len(f.Buf)-f.End < n {
			return ErrNoRoom
		}
		copy(f.Buf[f.Start+n:], f.Bytes())
		f.Start += n
		f.End += n
	}
	copy(f.Buf[f.Start-n:], f.Buf[f.Start:f.Start+at])
	f.Start -= n
	moveOffload(f, n)
	return nil
}

// remove closes n bytes at offset at.
func remove(f *datapath.Frame, at, n int) {
	copy(f.Buf[f.Start+n:], f.Buf[f.Start:f.Start+at])
	f.Start += n
	moveOffload(f, -n)
}

// moveOffload tells f.Offload that its headers lie n bytes farther in.
func moveOffload(f *datapath.Frame, n int) {
	if f.Offload.Flags&datapath.OffloadNeedsCsum != 0 {
		f.Offload.CsumStart = uint16(max(0, int(f.Offload.CsumStart)+n))
	}
	if f.Offload.HdrLen != 0 {
		f.Offload.HdrLen = uint16(max(0, int(f.Offload.HdrLen)+n))
	}
}

// pushVLAN adds an outermost tag. Its DEI is 0 whatever tci says, for so it is
// in the kernel, and a key's TCI has the presence bit there.
func pushVLAN(f *datapath.Frame, tpid, tci uint16) error {
	if err := insert(f, 12, VLANLen); err != nil {
		return err
	}
	b := f.Bytes()
	binary.BigEndian.PutUint16(b[12:], tpid)
	VLAN(b[12:]).SetTCI(tci &^ tciDEI)
	return nil
}

func popVLAN(f *datapath.Frame) {
	b := f.Bytes()
	if isVLAN(Ethernet(b).Type()) && len(b) >= EthernetLen+VLANLen {
		remove(f, 12, VLANLen)
	}
}

// pushMPLS adds a label stack entry behind the first so many VLAN tags, or, if that
// is 0 or more than there are, behind all of them: before the stack or, without one,
// before whatever the tags are followed by (OpenFlow 1.3.5 §7.2.5).
func pushMPLS(f *datapath.Frame, etherType uint16, entry uint32, tags int) error {
	typeAt := 12 + tags*VLANLen
	if tags == 0 || !hasTags(f.Bytes(), tags) {
		typeAt = locate(f).Type
	}
	at := typeAt + 2
	if err := insert(f, at, MPLSLen); err != nil {
		return err
	}
	b := f.Bytes()
	binary.BigEndian.PutUint16(b[typeAt:], etherType)
	MPLS(b[at:]).SetEntry(entry)
	return nil
}

// hasTags reports whether a frame begins with so many VLAN tags, an EtherType
// behind them.
func hasTags(b []byte, tags int) bool {
	for at := 12; tags > 0; at, tags = at+VLANLen, tags-1 {
		if len(b) < at+VLANLen+2 || !isVLAN(binary.BigEndian.Uint16(b[at:])) {
			return false
		}
	}
	return true
}

func popMPLS(f *datapath.Frame, etherType uint16) {
	l := locate(f)
	if l.Labels == 0 {
		return
	}
	remove(f, l.L3, MPLSLen)
	binary.BigEndian.PutUint16(f.Bytes()[l.Type:], etherType)
}

// pushPBB puts the frame whole into a backbone frame between the same
// addresses. The I-TAG's priority is that of the outer VLAN tag (OpenFlow 1.3.5
// §5.12.1).
func pushPBB(f *datapath.Frame, isid uint32) error {
	pcp := uint32(0)
	if b := f.Bytes(); isVLAN(Ethernet(b).Type()) && len(b) >= EthernetLen+VLANLen {
		pcp = uint32(VLAN(b[12:]).TCI() >> 13)
	}
	if err := insert(f, 0, pbbLen); err != nil {
		return err
	}
	b := f.Bytes()
	copy(b, b[pbbLen:pbbLen+12])
	binary.BigEndian.PutUint16(b[12:], TypePBB)
	ITag(b[EthernetLen:]).SetWord(pcp<<itagPCPShift | isid&itagISID)
	return nil
}

// popPBB takes the I-TAG out of the frame and puts the customer's addresses in
// the place of the backbone's. A B-TAG stays: pop it before (OpenFlow 1.3.5
// §7.2.5).
func popPBB(f *datapath.Frame) {
	l := locate(f)
	if l.EthType != TypePBB || l.L3 == 0 || f.Len() < l.L3+ITagLen+EthernetLen {
		return
	}
	b := f.Bytes()
	copy(b, b[l.L3+ITagLen:l.L3+ITagLen+12])
	remove(f, l.Type, pbbLen)
}

// locate finds the headers of a frame that is to be edited, below all of its
// tags: a push may have added some above the two that a key holds, and actions
// go on to mean the packet that was there, as in the kernel.
func locate(f *datapath.Frame) (l Layout) {
	var k flowtable.Key
	ParseLayout(f, 0, &k, &l)
	parseBelow(f, math.MaxInt, &k, &l)
	return l
}

// ParseBelow is ParseLayout of a frame in which up to so many tags lie below the
// two that a key holds: it fills in what lies below those.
func ParseBelow(f *datapath.Frame, inPort datapath.PortNo, tags int, k *flowtable.Key, l *Layout) {
	ParseLayout(f, inPort, k, l)
	parseBelow(f, tags, k, l)
}

// parseBelow goes on where a parse has stopped at a third tag.
func parseBelow(f *datapath.Frame, tags int, k *flowtable.Key, l *Layout) {
	if !isVLAN(l.EthType) {
		return
	}
	b := f.Bytes()
	for ; tags > 0 && isVLAN(l.EthType) && len(b) >= l.Type+VLANLen+2; tags-- {
		l.Type += VLANLen
		l.EthType = binary.BigEndian.Uint16(b[l.Type:])
	}
	if l.EthType < TypeMin {
		l.Type, l.EthType = parseLLC(b, l.Type)
	}
	l.L3 = l.Type + 2
	k.Set(flowtable.EthType, uint64(l.EthType))
	parseNetwork(b, f, k, l)
}
