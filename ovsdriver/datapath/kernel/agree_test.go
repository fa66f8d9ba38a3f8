package kernel

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// oddFrames are frames with all that a key can hold, from which others are made
// by cutting and changing.
func oddFrames() [][]byte {
	ether := func(typ uint16, payload ...byte) []byte { return datapathtest.Ethernet(2, 1, typ, payload) }
	ip4 := func(proto, frag byte, payload ...byte) []byte {
		h := []byte{0x45, 0xb9, 0, byte(20 + len(payload)), 0, 1, frag << 5, 0, 64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}
		return ether(packet.TypeIPv4, append(h, payload...)...)
	}
	ip6 := func(next byte, payload ...byte) []byte {
		h := []byte{0x6a, 0xb1, 0x23, 0x45, 0, byte(len(payload)), next, 7}
		h = append(h, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)
		return ether(packet.TypeIPv6, append(h, payload...)...)
	}
	tcp := []byte{0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x51, 0x12, 0xff, 0xff, 0, 0, 0, 0}
	udp := []byte{0, 53, 0, 53, 0, 9, 0, 0, 1}
	solicit := append([]byte{135, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, 1, 1, 2, 2, 2, 2, 2, 2)
	return [][]byte{
		datapathtest.ARP(2, 1), datapathtest.UDP(2, 1, 80, 18),
		ip4(packet.ProtoTCP, 0, tcp...), ip4(packet.ProtoTCP, 1, tcp...), ip4(packet.ProtoUDP, 0, udp...), ip4(packet.ProtoSCTP, 0, udp...),
		ip4(packet.ProtoICMP, 0, 8, 0, 1, 2, 3, 4, 5, 6), ip4(47, 0, tcp...),
		ip6(packet.ProtoTCP, tcp...), ip6(packet.ProtoUDP, udp...), ip6(packet.ProtoICMPv6, solicit...),
		ip6(0, append([]byte{packet.ProtoUDP, 0, 1, 4, 0, 0, 0, 0}, udp...)...),                           // hop-by-hop options
		ip6(44, append([]byte{packet.ProtoUDP, 0, 0, 1, 0, 0, 0, 7}, udp...)...),                          // first fragment
		ip6(44, append([]byte{packet.ProtoUDP, 0, 0, 0x19, 0, 0, 0, 7}, udp...)...),                       // later fragment
		ip6(60, append([]byte{43, 0, 1, 4, 0, 0, 0, 0, packet.ProtoTCP, 0, 0, 0, 0, 0, 0, 0}, tcp...)...), // destination, routing
		ip6(51, append([]byte{packet.ProtoTCP, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}, tcp...)...),              // authentication
		ip6(packet.ProtoESP, tcp...), ip6(60, append([]byte{packet.ProtoESP, 0, 1, 4, 0, 0, 0, 0}, tcp...)...),
		ether(packet.TypeMPLS, 0, 6, 0x40, 64, 0, 7, 0x40, 64, 0, 8, 0x41, 64, 0x45, 0),
		ether(packet.TypeMPLS, 0, 6, 0x40, 64, 0, 7, 0x40, 64, 0, 8, 0x40, 64, 0, 9, 0x41, 64),
		ether(0x88cc, 2, 7, 4, 1, 2, 3, 4, 5, 6),
		ether(38, append([]byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, tcp...)...), // SNAP
		ether(38, append([]byte{0x42, 0x42, 3}, tcp...)...),
		ether(packet.TypeRARP, datapathtest.ARP(2, 1)[14:]...),
	}
}

// oddFrame makes one frame from the others.
func oddFrame(rng *rand.Rand, frames [][]byte) []byte {
	f := bytes.Clone(frames[rng.IntN(len(frames))])
	for range rng.IntN(4) * rng.IntN(2) {
		f = datapathtest.Tagged([]uint16{packet.TypeVLAN, packet.TypeSVLAN}[rng.IntN(2)], uint16(rng.Uint32()), f)
	}
	for range rng.IntN(3) {
		f[12+rng.IntN(len(f)-12)] = byte(rng.Uint32())
	}
	if rng.IntN(3) == 0 {
		f = f[:14+rng.IntN(len(f)-13)]
	}
	return f
}

// TestKeysAgree compares the keys of misses, in every bit, with what package
// packet parses from the same frames: cached flows and the slow path must mean
// the same by a key.
func TestKeysAgree(t *testing.T) {
	s, rx := newStorm(t)
	far := s.net.Far(s.in)
	marker := datapathtest.Ethernet(9, 9, 0x88b5, []byte("marker"))
	frames := oddFrames()
	rng := rand.New(rand.NewPCG(5, 6))
	batch := make([]datapath.Upcall, upcallSlots)
	compared, differ := 0, 0
	for range 150 {
		for range 20 {
			_ = far.Send(oddFrame(rng, frames)) // some are refused on the way
		}
		if err := far.Send(marker); err != nil {
			t.Fatal(err)
		}
		for seen := false; !seen; {
			n, err := rx.Receive(batch)
			if err != nil {
				t.Fatal(err)
			}
			for i := range batch[:n] {
				u := &batch[i]
				seen = seen || bytes.Equal(u.Frame.Bytes(), marker)
				var want flowtable.Key
				packet.Parse(&u.Frame, 1, &want)
				compared++
				datapathtest.AllowCutChain(&want, &u.Key)
				if u.Key != want && differ < 10 {
					differ++
					t.Errorf("frame\n%x\nkernel %v\nparse  %v", u.Frame.Bytes(), u.Key, want)
				}
			}
		}
	}
	if t.Logf("%d keys compared", compared); compared < 2000 {
		t.Errorf("only %d of 3000 frames came up", compared)
	}
}
