package translate

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// cutFrames are frames whose TTLs, where they have one, are high enough.
var cutFrames = map[uint64]string{
	0x0800: "45000028000100004006000000000001000000020003000400000000000000005010000000000000",
	0x86dd: "6000000000203aff" + "fe800000000000000000000000000001" + "fe800000000000000000000000000002" +
		"8700000000000000" + "fe800000000000000000000000000003" + "0101020000000001",
	0x0806: "0001080006040001" + "020000000001" + "0a000001" + "000000000000" + "0a000002",
	0x8847: "00010040" + "00020140" + "4500001400010000400600000000000100000002",
	0x88e7: "00000009" + "020000000003" + "020000000004" + "1234",
}

// cutCase is an action on a header that a frame may end within. Where the header
// is there, it has length bytes behind the EtherType, and the field then matches.
type cutCase struct {
	match  []ofp13.OXM
	action ofp13.Action
	length int
	made   ofp13.OXM // by the action
}

func cutCases() []cutCase {
	ip6 := is(ofp13.OXMEthType, 0x86dd)
	tcp := oxms(ip4, is(ofp13.OXMIPProto, 6))
	icmp := oxms(ip6, is(ofp13.OXMIPProto, 58))
	solicit := append(icmp, is(ofp13.OXMICMPv6Type, 135))
	arp, mpls, pbb := is(ofp13.OXMEthType, 0x0806), is(ofp13.OXMEthType, 0x8847), is(ofp13.OXMEthType, 0x88e7)
	set := func(match []ofp13.OXM, field uint8, value uint64, length int) cutCase {
		return cutCase{match, setting(field, value), length, is(field, value)}
	}
	target := ofp13.NewOXM(ofp13.OXMIPv6NDTarget, bytes.Repeat([]byte{7}, 16))
	return []cutCase{
		set(oxms(ip4), ofp13.OXMIPv4Src, 7, 20), set(oxms(ip4), ofp13.OXMIPDSCP, 7, 20),
		{oxms(ip4), settingTTL(7), 20, ofp13.OXM{}}, {oxms(ip4), decreasing, 20, ofp13.OXM{}},
		set(tcp, ofp13.OXMTCPDst, 7, 40),
		set(oxms(ip6), ofp13.OXMIPv6FLabel, 7, 40), {oxms(ip6), decreasing, 40, ofp13.OXM{}},
		{solicit, ofp13.Action{Type: ofp13.ActionSetField, Field: target}, 64, target},
		set(solicit, ofp13.OXMIPv6NDSLL, 7, 72),
		set(oxms(arp), ofp13.OXMARPOp, 7, 28), set(oxms(arp), ofp13.OXMARPTHA, 7, 28),
		set(oxms(mpls), ofp13.OXMMPLSLabel, 7, 4), set(oxms(mpls), ofp13.OXMMPLSBOS, 1, 4),
		{oxms(mpls), settingMPLSTTL(7), 4, ofp13.OXM{}}, {oxms(mpls), decreasingMPLS, 4, ofp13.OXM{}},
		{oxms(mpls), poppingMPLS(0x1234), 4, is(ofp13.OXMEthType, 0x1234)},
		set(oxms(pbb), ofp13.OXMPBBISID, 7, 4),
	}
}

// An action on a header that the frame ends within changes nothing, and the
// frame goes on (§5.12); one that the frame has all of is changed, though all its
// fields be 0. Slowly and cached, for every length of the frame.
func TestActionsOnCutHeaders(t *testing.T) {
	for _, c := range cutCases() {
		o, err := compileEdit(&c.action)
		must(err)
		for kind, features := range featureSets() {
			for _, zero := range []bool{false, true} {
				t.Run(fmt.Sprintf("%#x, %s on %s, zeros %t", c.match[0].Uint64(), &o, kind, zero), func(t *testing.T) { c.run(t, features, zero) })
			}
		}
	}
}

// run sends frames of all lengths to where what the action has made tells by
// which port they leave.
func (c *cutCase) run(t *testing.T, features datapath.Features, zero bool) {
	x := newTablesOn(t, features)
	etherType := c.match[0].Uint64()
	x.add(0, 1, oxms(is(ofp13.OXMEthType, etherType)), going(1))
	x.add(0, 2, c.match, applying(c.action), going(1))
	x.add(1, 1, nil, applying(output(3)))
	if c.made.Len != 0 {
		match := append(append([]ofp13.OXM{}, c.match...), c.made)
		if c.made.Field == ofp13.OXMEthType {
			match = oxms(c.made)
		}
		x.add(1, 2, match, applying(output(2)))
	}
	v := x.publish()
	model := newInterpreter(x, false)
	var samples []sample
	for b := c.frame(zero); len(b) >= 14; b = b[:len(b)-1] {
		s := sample{frame: &datapath.Frame{Buf: append(make([]byte, 200), b...), Start: 200, End: 200 + len(b)}}
		packet.Parse(s.frame, 1, &s.key)
		model.run(s.frame, 1)
		s.out, s.in = model.out, model.in
		samples = append(samples, s)
		if before := fmt.Sprintf("%x", b); len(b) < 14+c.length && !strings.HasSuffix(fmt.Sprint(s.out), ": "+before+"]") {
			t.Fatalf("of %s the model makes %v", before, s.out)
		}
		sink := &recorder{t: t, features: &features}
		var executor Executor
		executor.Packet(v, &s.key, copyOf(s.frame), 1, sink)
		sink.flush()
		if fmt.Sprint(sink.out, sink.in) != fmt.Sprint(s.out, s.in) {
			t.Errorf("%x: %v %v, want %v %v", b, sink.out, sink.in, s.out, s.in)
		}
	}
	c.cached(t, v, samples)
}

// cached compares what is cached for each frame with what becomes of the others.
func (c *cutCase) cached(t *testing.T, v *View, samples []sample) {
	var r Result
	for i := range samples {
		Translate(v, &samples[i].key, &r)
		if r.Resume {
			continue
		}
		if n := samples[i].frame.Len() - 14; n < c.length && r.Actions[0].Kind != datapath.Output {
			t.Errorf("with %d of %d bytes a datapath is given %s", n, c.length, words(r.Actions))
		}
		for j := range samples {
			if b := &samples[j]; covered(&samples[i].key, &b.key, &r.Mask) {
				sink := &recorder{t: t, features: &anything}
				if out, in := sink.cached(&r, b); fmt.Sprint(out, in) != fmt.Sprint(b.out, b.in) {
					t.Errorf("cached for %d bytes, %d bytes: %v %v, want %v %v",
						samples[i].frame.Len(), b.frame.Len(), out, in, b.out, b.in)
				}
			}
		}
	}
}

// frame is the frame of the case's EtherType, with only zeros, where they may
// be, in what follows.
func (c *cutCase) frame(zero bool) []byte {
	etherType := c.match[0].Uint64()
	b := append(plain().Bytes()[:12:12], byte(etherType>>8), byte(etherType))
	payload := make([]byte, len(cutFrames[etherType])/2)
	_, _ = fmt.Sscanf(cutFrames[etherType], "%x", &payload)
	if zero {
		keep := map[uint64]int{0x0800: 1, 0x86dd: 0, 0x0806: 6, 0x8847: 0, 0x88e7: 0}[etherType]
		clear(payload[keep:])
		if etherType == 0x0800 && len(c.match) > 1 {
			payload[9], payload[32] = 6, 0x50
		}
		if etherType == 0x86dd && len(c.match) > 1 {
			payload[6], payload[40], payload[64], payload[65] = 58, 135, 1, 1
		}
	}
	return append(b, payload...)
}

// Where the tables set fields of IP, one cached flow is for all packets that
// have the header, as far as a bit that most of them have in common tells it.
func TestPresenceLooksAtLittle(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(ip4), applying(decreasing, setting(ofp13.OXMIPv4Dst, 5), setting(ofp13.OXMIPDSCP, 1), output(2)))
	x.add(0, 2, oxms(ip4, is(ofp13.OXMIPProto, 6)), applying(setting(ofp13.OXMIPv4Dst, 5), output(2)))
	v := x.publish()
	var r Result
	Translate(v, tcpKey(flowtable.IPProto, 17), &r)
	if want := mask(flowtable.EthType, -1, flowtable.IPProto, -1, flowtable.IPTTL, -1); r.Mask != want {
		t.Errorf("with a TTL looked at: mask %v, want %v", r.Mask, want)
	}
	Translate(v, tcpKey(), &r)
	if want := mask(flowtable.EthType, -1, flowtable.IPProto, -1); r.Mask != want {
		t.Errorf("with a protocol looked at: mask %v, want %v", r.Mask, want)
	}
}
