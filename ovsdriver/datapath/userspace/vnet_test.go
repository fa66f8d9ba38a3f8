package userspace

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// TestOffloadBytes reads and writes a struct virtio_net_hdr as a little-endian
// host has it: TCP over IPv4, segments of 1448 bytes, checksum at 34 + 16.
func TestOffloadBytes(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the golden bytes are of little-endian hosts")
	}
	golden := []byte{
		1,     // flags: NEEDS_CSUM
		1,     // gso_type: TCPV4
		66, 0, // hdr_len
		0xa8, 0x05, // gso_size
		34, 0, // csum_start
		16, 0, // csum_offset
	}
	want := datapath.Offload{Flags: 1, GSOType: datapath.GSOTCPv4, HdrLen: 66, GSOSize: 1448, CsumStart: 34, CsumOffset: 16}
	var got datapath.Offload
	getOffload(golden, &got)
	if got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
	b := make([]byte, vnetHeader)
	putOffload(b, &want)
	if !bytes.Equal(b, golden) {
		t.Errorf("wrote % x, want % x", b, golden)
	}
}

// TestInsertTag puts a tag before the EtherType and moves what counts from the
// frame's start.
func TestInsertTag(t *testing.T) {
	raw := udp(1, 2, 60, 7)
	for _, c := range []struct {
		name      string
		o, tagged datapath.Offload
	}{
		{"nothing to do", datapath.Offload{}, datapath.Offload{}},
		{"checksum", datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 34, CsumOffset: 6},
			datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 38, CsumOffset: 6}},
		{"segments", datapath.Offload{Flags: datapath.OffloadNeedsCsum, GSOType: datapath.GSOUDPL4, GSOSize: 8, HdrLen: 42, CsumStart: 34, CsumOffset: 6},
			datapath.Offload{Flags: datapath.OffloadNeedsCsum, GSOType: datapath.GSOUDPL4, GSOSize: 8, HdrLen: 46, CsumStart: 38, CsumOffset: 6}},
	} {
		f := datapath.Frame{Buf: append(make([]byte, 8), raw...), Start: 8, End: 8 + len(raw), Offload: c.o}
		insertTag(&f, unix.ETH_P_8021AD, 0xa005)
		want := append(append(raw[:12:12], 0x88, 0xa8, 0xa0, 0x05), raw[12:]...)
		if !bytes.Equal(f.Bytes(), want) {
			t.Errorf("%s: % x, want % x", c.name, f.Bytes(), want)
		}
		if f.Offload != c.tagged {
			t.Errorf("%s: %+v, want %+v", c.name, f.Offload, c.tagged)
		}
	}
}

// TestRetag puts back the tag that the ring says the kernel took, if it took one.
func TestRetag(t *testing.T) {
	const valid, validTPID = unix.TP_STATUS_VLAN_VALID, unix.TP_STATUS_VLAN_TPID_VALID
	for _, c := range []struct {
		name   string
		status uint32
		size   int
		want   string // from the second address' last byte on
	}{
		{"tag", valid | validTPID, 60, "0b88a8a0050800"},
		{"tag without TPID", valid, 60, "0b8100a0050800"},
		{"no tag", unix.TP_STATUS_USER, 60, "0b0800"},
		{"too short for an EtherType", valid, 13, "0b08"},
	} {
		f := datapath.Frame{Buf: make([]byte, frameOffset+60), Start: frameOffset, End: frameOffset + c.size}
		copy(f.Bytes(), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 0})
		new(burst).retag(&f, &unix.Tpacket2Hdr{Status: c.status, Vlan_tci: 0xa005, Vlan_tpid: unix.ETH_P_8021AD})
		if got := hex.EncodeToString(f.Bytes()[11:]); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestRefusal maps the kernel's errors to reasons.
func TestRefusal(t *testing.T) {
	for errno, want := range map[unix.Errno]DropReason{
		unix.EMSGSIZE: DropMTU, unix.EAGAIN: DropSendQueue, unix.ENOBUFS: DropSendQueue,
		unix.ENETDOWN: DropLinkDown, unix.ENXIO: DropLinkDown, unix.EIO: DropLinkDown, unix.EINVAL: DropSend,
	} {
		if got, _ := refusal(errno); got != want {
			t.Errorf("%v: %v, want %v", errno, got, want)
		}
	}
	for r := range NumDropReasons {
		if r.String() == "" {
			t.Errorf("reason %d has no name", r)
		}
	}
}

// TestSCTPChecksum sends a frame whose SCTP checksum is left to the sender. A
// struct virtio_net_hdr cannot say that it is a CRC32c: the frame must leave
// with its checksum in it.
func TestSCTPChecksum(t *testing.T) {
	l := newLab(t, 2)
	d := l.open(2, 1, nil)
	a, b := l.wire(1), l.wire(2)
	put(t, d, portFlow(1, 1, output(2), datapath.Act{Kind: datapath.PushVLAN, EtherType: unix.ETH_P_8021Q, Value: 5}, output(2)))
	frame := udp(1, nobody, 64, 7)
	frame[23] = 132
	binary.BigEndian.PutUint16(frame[24:], 0)
	binary.BigEndian.PutUint16(frame[24:], ^sum16(frame[14:34]))
	packet := frame[34:]
	copy(packet, []byte{0x0b, 0x59, 0x0b, 0x5a, 0, 0, 0, 1, 0, 0, 0, 0})
	if err := a.send(frame, datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 34, CsumOffset: 8}); err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(packet[8:], crc32.Checksum(packet, crc32.MakeTable(crc32.Castagnoli)))
	for _, want := range [][]byte{frame, append(append(frame[:12:12], 0x81, 0, 0, 5), frame[12:]...)} {
		got, o := b.receive(2 * time.Second)
		if !bytes.Equal(got, want) || o.Flags&datapath.OffloadNeedsCsum != 0 {
			t.Errorf("received, offload %+v\n% x, want\n% x", o, got, want)
		}
	}
}
