package kflow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// newStorm makes a storm over three empty tables.
func newStorm(t *testing.T, cfg Config, random *rand.Rand) *storm {
	s := &storm{rig: newRig(t, cfg), random: random, want: map[*flowtable.Stats]uint64{}}
	for id := range uint8(3) {
		s.table(id)
	}
	for id := range uint32(numMeters) {
		s.moveMeter(id)
	}
	s.commit()
	return s
}

// storm makes random changes and random packets, of few values, so that entries
// overlap and changes touch what is cached.
type storm struct {
	*rig
	random *rand.Rand
	want   map[*flowtable.Stats]uint64 // packets by account
	sent   int
}

func (s *storm) pick(n int) uint64 { return uint64(s.random.IntN(n)) }

// randomMatch makes a match of a few fields with their prerequisites.
func (s *storm) randomMatch() ofp13.Match {
	var fields []ofp13.OXM
	if s.pick(3) == 0 {
		fields = append(fields, inPort(1+s.pick(3)))
	}
	if s.pick(3) == 0 {
		fields = append(fields, ofp13.NewMaskedOXM64(ofp13.OXMMetadata, s.pick(4), 1+s.pick(3)))
	}
	if s.pick(3) == 0 {
		fields = append(fields, ethDst(mac1+s.pick(3)))
	}
	if s.pick(2) == 0 {
		fields = append(fields, ethType(0x0800))
		if s.pick(2) == 0 {
			bits := 24 + s.pick(9)
			mask := uint64(0xffffffff) << (32 - bits) & 0xffffffff
			fields = append(fields, ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, (0x0a000000+s.pick(4))&mask, mask))
		}
		if s.pick(2) == 0 {
			fields = append(fields, ofp13.NewOXM64(ofp13.OXMIPProto, 17), ofp13.NewOXM64(ofp13.OXMUDPDst, 80+s.pick(3)))
		}
	}
	return match(fields...)
}

// randomInstructions makes what any entry of the table may do.
func (s *storm) randomInstructions(table uint8) (ins []ofp13.Instruction) {
	var actions []ofp13.Action
	if s.pick(4) == 0 {
		actions = append(actions, setField(ethDst(mac1+s.pick(3))))
	}
	if s.pick(6) == 0 {
		actions = append(actions, ofp13.Action{Type: ofp13.ActionPushVLAN, EtherType: 0x8100},
			setField(ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1000+s.pick(3))))
	}
	switch s.pick(8) {
	case 0:
	case 6, 7:
		actions = append(actions, ofp13.Action{Type: ofp13.ActionGroup, ID: uint32(1 + s.pick(3))})
	case 1:
		actions = append(actions, output(ofp13.PortController))
	case 2:
		actions = append(actions, output(ofp13.PortFlood))
	default:
		actions = append(actions, output(uint32(1+s.pick(4))))
	}
	if len(actions) > 0 {
		if s.pick(3) == 0 {
			ins = append(ins, write(actions...))
		} else {
			ins = append(ins, apply(actions...))
		}
	}
	if s.pick(6) == 0 {
		ins = append(ins, ofp13.Instruction{Type: ofp13.InstructionMeter, ID: 1 + uint32(s.pick(numMeters))})
	}
	if s.pick(4) == 0 {
		ins = append(ins, metadata(s.pick(4), 3))
	}
	if table < 2 && s.pick(2) == 0 {
		ins = append(ins, goTo(table+1+uint8(s.pick(int(2-table)))))
	}
	return ins
}

// mutate changes the tables once.
func (s *storm) mutate() {
	table := uint8(s.pick(3))
	switch s.pick(15) {
	case 14:
		s.moveMeter(uint32(s.pick(numMeters)))
	case 10:
		s.configurePort(datapath.PortNo(1 + s.pick(4)))
	case 11:
		s.flap(datapath.PortNo(2 + s.pick(3)))
	case 12, 13:
		s.randomGroup(uint32(1 + s.pick(3)))
	case 0:
		s.remove(table, s.randomMatch())
	case 1:
		s.modify(table, s.pick(2) == 0, s.randomMatch(), s.randomInstructions(table)...)
	default:
		s.add(table, uint16(s.pick(4)), s.randomMatch(), s.randomInstructions(table)...)
	}
}

// numMeters are the storm's meters, 1 and 2. They let everything pass.
const numMeters = 2

// moveMeter puts a meter into the datapath, or takes it out again.
func (s *storm) moveMeter(n uint32) {
	id, m := n+1, meter.New(meter.Config{}, 0)
	was := s.meters.Get(id)
	native := was == nil || !was.Native
	s.meters = s.meters.Put(id, &translate.Meter{Meter: m, Native: native})
	s.cache.ChangeTokens([]translate.Token{translate.MeterToken(id)})
	if native {
		if _, err := s.dp.PutMeter(id, m); err != nil {
			s.t.Fatal(err)
		}
	}
}

// configurePort lets a port send again or not.
func (s *storm) configurePort(no datapath.PortNo) {
	ports := slices.Clone(s.ports.All())
	for i := range ports {
		if ports[i].No == no {
			ports[i].Config ^= ofp13.PortConfigNoFwd
		}
	}
	s.setPorts(ports)
}

// flap lets a port lose its link or get it back.
func (s *storm) flap(no datapath.PortNo) {
	ports := slices.Clone(s.ports.All())
	for i := range ports {
		if ports[i].No == no {
			ports[i].LinkDown = !ports[i].LinkDown
		}
	}
	s.setPorts(ports)
}

// randomGroup makes a group another one, of any type, or takes it away. It uses
// and watches only those of smaller identifiers.
func (s *storm) randomGroup(id uint32) {
	s.cache.ChangeTokens([]translate.Token{translate.GroupToken(id)})
	if s.pick(6) == 0 {
		s.groups = s.groups.Without(id)
		return
	}
	m := ofp13.GroupMod{GroupID: id, Type: uint8(s.pick(4))}
	for range 1 + s.pick(3) {
		b := ofp13.Bucket{Weight: uint16(1 + s.pick(2)), WatchPort: uint32(2 + s.pick(3)), WatchGroup: ofp13.GroupAny}
		if s.pick(3) == 0 {
			b.WatchGroup = uint32(s.pick(int(id)))
		}
		if s.pick(2) == 0 {
			b.Actions = append(b.Actions, setField(ethDst(mac1+s.pick(3))))
		}
		if next := uint32(s.pick(int(id))); next > 0 {
			b.Actions = append(b.Actions, ofp13.Action{Type: ofp13.ActionGroup, ID: next})
		} else {
			b.Actions = append(b.Actions, output(uint32(1+s.pick(4))))
		}
		m.Buckets = append(m.Buckets, b)
	}
	g, err := translate.CompileGroup(&m)
	if err != nil {
		s.t.Fatal(err)
	}
	if old := s.groups.Get(id); old != nil {
		g.Stats = old.Stats
	}
	s.groups = s.groups.With(g)
}

// randomFrame makes a frame, its ingress port and its key.
func (s *storm) randomFrame() (port datapath.PortNo, frame []byte, key flowtable.Key) {
	frame = udpFrame(byte(1+s.pick(3)), [4]byte{10, 0, 0, byte(s.pick(4))}, uint16(80+s.pick(3)))
	port = datapath.PortNo(1 + s.pick(3))
	f := datapathtest.NewFrame(frame)
	packet.Parse(&f, port, &key)
	return port, frame, key
}

// packet sends a random frame, and notes whom to credit.
func (s *storm) packet(credits func(*flowtable.Key) []translate.Credit) {
	port, frame, key := s.randomFrame()
	for _, c := range credits(&key) {
		if c.Stats != nil {
			s.want[c.Stats]++
		}
	}
	s.rig.send(port, frame, s.pick(4) != 0)
	s.sent++
}

// byView returns whom the present view credits.
func (s *storm) byView(key *flowtable.Key) []translate.Credit {
	translate.Translate(s.view, key, &s.result)
	return s.result.Credits
}

// check verifies the flows, and now and then reads their counters.
func (s *storm) check() {
	s.t.Helper()
	s.verify(s.random)
	if s.pick(2) == 0 {
		return // counters wait for a later dump, or a deletion
	}
	s.read()
	s.settled()
}

// settled compares every account.
func (s *storm) settled() {
	s.t.Helper()
	for stats, want := range s.want {
		if got, _, _ := stats.Read(); got != want {
			s.t.Fatalf("after %d packets an account has %d, want %d", s.sent, got, want)
		}
	}
}

// After any sequence of changes, every cached flow does what a fresh
// translation says, and every packet has gone to the account that the tables
// of its time name.
func TestStormKeepsTheCacheTrue(t *testing.T) {
	for seed := range uint64(4) {
		for _, cfg := range []Config{{}, {DisableMegaflows: true}} {
			t.Run(fmt.Sprintf("seed %d, exact %t", seed, cfg.DisableMegaflows), func(t *testing.T) {
				t.Parallel()
				s := newStorm(t, cfg, rand.New(rand.NewPCG(seed, 1)))
				for range 80 {
					for range s.pick(6) {
						s.mutate()
						if s.pick(3) == 0 {
							s.packet(s.byView)
						}
					}
					s.commit()
					for range s.pick(12) {
						s.packet(s.byView)
					}
					if s.now += int64(s.pick(2000)) * int64(time.Millisecond); s.pick(4) == 0 {
						s.cache.Tick(time.Second)
					}
					s.check()
				}
				if c := s.cache.Counters(); c.Replaced == 0 || c.Removed == 0 || c.Checked == 0 {
					t.Errorf("the storm was too calm: %+v", c)
				}
				s.clear()
				s.verifyEmpty()
			})
		}
	}
}
