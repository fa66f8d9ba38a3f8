package packet

import (
	"encoding/binary"
	"errors"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// ErrOffload is a frame whose Offload does not fit its headers.
var ErrOffload = errors.New("packet: offload description does not fit the frame's headers; drop the frame")

// Complete computes the checksum that f.Offload leaves to be done, if any, and
// clears the request. A frame that is to be segmented has no checksum of its
// own: see Segmenter. The error is ErrOffload; it leaves the frame unchanged.
func Complete(f *datapath.Frame) error {
	o := &f.Offload
	if gsoKind(f) != datapath.GSONone {
		return ErrOffload
	}
	if o.Flags&datapath.OffloadNeedsCsum == 0 {
		return nil
	}
	b := f.Bytes()
	start, at := int(o.CsumStart), int(o.CsumStart)+int(o.CsumOffset)
	if at+2 > len(b) {
		return ErrOffload
	}
	if end := needsCRC(f); end != 0 {
		binary.LittleEndian.PutUint32(b[at:], sctpCRC(b[start:end]))
	} else {
		binary.BigEndian.PutUint16(b[at:], checksum(sum(b[start:], 0)))
	}
	o.Flags &^= datapath.OffloadNeedsCsum
	o.CsumStart, o.CsumOffset = 0, 0
	return nil
}

// checksum turns a sum into a checksum to be sent: 0 is sent as 0xffff, which
// UDP demands (RFC 768) and everyone else takes for the same number.
func checksum(s uint64) uint16 {
	if c := ^fold(s); c != 0 {
		return c
	}
	return 0xffff
}

// gsoKind returns f.Offload.GSOType without its ECN flag.
func gsoKind(f *datapath.Frame) uint8 { return f.Offload.GSOType &^ datapath.GSOECN }

// needsCRC returns where the SCTP packet ends whose CRC32c is to be computed,
// or 0 if the checksum is an Internet checksum. A struct virtio_net_hdr cannot
// tell one from the other.
func needsCRC(f *datapath.Frame) int {
	o := &f.Offload
	if o.Flags&datapath.OffloadNeedsCsum == 0 || o.CsumOffset != sctpChecksum {
		return 0
	}
	l, ok := locateInner(f)
	if !ok || l.Proto != ProtoSCTP || l.L4 != int(o.CsumStart) || l.end < l.L4+SCTPLen {
		return 0
	}
	return l.end
}

// Describable reports whether f.Offload, as a struct virtio_net_hdr, tells the
// kernel all that is left to be done to f. If not (segmentation inside MPLS, PBB
// or an IP tunnel, SCTP's checksum), send what a Segmenter makes of f instead.
func Describable(f *datapath.Frame) bool {
	if gsoKind(f) == datapath.GSONone {
		return needsCRC(f) == 0
	}
	b := f.Bytes()
	if len(b) < EthernetLen {
		return false
	}
	etherType, at := skipTags(b, 12)
	if etherType != TypeIPv4 && etherType != TypeIPv6 {
		return false
	}
	_, ok := parseInner(f, etherType, at+2)
	return ok
}

// skipTags steps over the VLAN tags whose first TPID is at b[at:], and returns
// the EtherType behind them and its offset.
func skipTags(b []byte, at int) (uint16, int) {
	etherType := binary.BigEndian.Uint16(b[at:])
	for isVLAN(etherType) && len(b) >= at+VLANLen+2 {
		at += VLANLen
		etherType = binary.BigEndian.Uint16(b[at:])
	}
	return etherType, at
}

// locateInner finds the IP header that f.Offload is about, below any tags,
// labels and backbone headers, and what is in it.
func locateInner(f *datapath.Frame) (l Layout, ok bool) {
	b := f.Bytes()
	if len(b) < EthernetLen {
		return l, false
	}
	etherType, at := skipTags(b, 12)
	for {
		switch etherType {
		case TypeIPv4, TypeIPv6:
			return parseInner(f, etherType, at+2)
		case TypePBB:
			at += 2 + ITagLen + 12
		case TypeMPLS, TypeMPLSM:
			at = skipLabels(b, at+2)
			if l, ok = parseBelowLabels(f, at); ok {
				return l, true
			}
			// A tag's TPID was replaced by the label's EtherType: its TCI
			// comes first.
			at += 2
		default:
			return l, false
		}
		if len(b) < at+2 {
			return l, false
		}
		etherType, at = skipTags(b, at)
	}
}

// skipLabels returns the offset behind the label stack at b[at:].
func skipLabels(b []byte, at int) int {
	for len(b) >= at+MPLSLen {
		bottom := MPLS(b[at:]).Entry()&mplsBottom != 0
		at += MPLSLen
		if bottom {
			break
		}
	}
	return at
}

// parseBelowLabels tries the version of IP that the first byte names.
func parseBelowLabels(f *datapath.Frame, at int) (Layout, bool) {
	b := f.Bytes()
	if at < len(b) {
		switch b[at] >> 4 {
		case 4:
			return parseInner(f, TypeIPv4, at)
		case 6:
			return parseInner(f, TypeIPv6, at)
		}
	}
	return Layout{}, false
}

// parseInner reads the IP header at an offset; it is the one only if its upper
// layer begins where f.Offload says.
func parseInner(f *datapath.Frame, etherType uint16, at int) (Layout, bool) {
	var k flowtable.Key
	l := Layout{EthType: etherType, L3: at}
	if etherType == TypeIPv4 {
		parseIPv4(f.Bytes(), f, &k, &l)
	} else {
		parseIPv6(f.Bytes(), f, &k, &l)
	}
	wrong := f.Offload.Flags&datapath.OffloadNeedsCsum != 0 && int(f.Offload.CsumStart) != l.L4
	return l, l.L4 != 0 && !wrong
}
