package packet

import (
	"encoding/binary"

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

// pushMPLS adds a label stack entry: on top of the stack if there is one, else
// right behind the Ethernet header, before all other tags (OpenFlow 1.3.5
// §5.12).
func pushMPLS(f *datapath.Frame, etherType uint16, entry uint32) error {
	l := locate(f)
	typeAt, at := 12, EthernetLen
	if l.Labels != 0 {
		typeAt, at = l.Type, l.L3
	}
	if err := insert(f, at, MPLSLen); err != nil {
		return err
	}
	b := f.Bytes()
	binary.BigEndian.PutUint16(b[typeAt:], etherType)
	MPLS(b[at:]).SetEntry(entry)
	return nil
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

// popPBB takes the customer's frame out of its backbone frame, whose B-TAG goes
// with it.
func popPBB(f *datapath.Frame) {
	l := locate(f)
	if l.EthType != TypePBB || l.L3 == 0 || f.Len() < l.L3+ITagLen+EthernetLen {
		return
	}
	remove(f, 0, l.L3+ITagLen)
}

// locate finds the headers of a frame that is to be edited, below all of its
// tags: a push may have added some above the two that a key holds, and actions
// go on to mean the packet that was there, as in the kernel.
func locate(f *datapath.Frame) (l Layout) {
	var k flowtable.Key
	ParseLayout(f, 0, &k, &l)
	if !isVLAN(l.EthType) {
		return l
	}
	b := f.Bytes()
	l.EthType, l.Type = skipTags(b, l.Type)
	if l.EthType < typeMin {
		l.Type, l.EthType = parseLLC(b, l.Type)
	}
	l.L3 = l.Type + 2
	parseNetwork(b, f, &k, &l)
	return l
}
