package ofp13

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// model is the slow, obvious reading of §7.2.3.5 to §7.2.3.7: each field's row
// of the specification's table, and the fields that came before it.
type model struct {
	bits     int
	maskable bool
	// needs lists alternatives: one must hold. A key is a field, its value
	// the one that the field must have.
	needs []map[uint8]uint64
}

var (
	needIPv4 = map[uint8]uint64{OXMEthType: 0x0800}
	needIPv6 = map[uint8]uint64{OXMEthType: 0x86dd}
	needARP  = []map[uint8]uint64{{OXMEthType: 0x0806}}
	needMPLS = []map[uint8]uint64{{OXMEthType: 0x8847}, {OXMEthType: 0x8848}}
	needTCP  = []map[uint8]uint64{{OXMEthType: 0x0800, OXMIPProto: 6}, {OXMEthType: 0x86dd, OXMIPProto: 6}}
	needUDP  = []map[uint8]uint64{{OXMEthType: 0x0800, OXMIPProto: 17}, {OXMEthType: 0x86dd, OXMIPProto: 17}}
	needSCTP = []map[uint8]uint64{{OXMEthType: 0x0800, OXMIPProto: 132}, {OXMEthType: 0x86dd, OXMIPProto: 132}}
	needICMP = []map[uint8]uint64{{OXMEthType: 0x0800, OXMIPProto: 1}}
	needICM6 = []map[uint8]uint64{{OXMEthType: 0x86dd, OXMIPProto: 58}}
	needND   = []map[uint8]uint64{{OXMICMPv6Type: 135}, {OXMICMPv6Type: 136}}
)

var models = map[uint8]model{
	OXMInPort:       {32, false, nil},
	OXMInPhyPort:    {32, false, nil}, // needs OXMInPort of any value
	OXMMetadata:     {64, true, nil},
	OXMEthDst:       {48, true, nil},
	OXMEthSrc:       {48, true, nil},
	OXMEthType:      {16, false, nil},
	OXMVLANVID:      {13, true, nil},
	OXMVLANPCP:      {3, false, nil}, // needs OXMVLANVID with the presence bit
	OXMIPDSCP:       {6, false, []map[uint8]uint64{needIPv4, needIPv6}},
	OXMIPECN:        {2, false, []map[uint8]uint64{needIPv4, needIPv6}},
	OXMIPProto:      {8, false, []map[uint8]uint64{needIPv4, needIPv6}},
	OXMIPv4Src:      {32, true, []map[uint8]uint64{needIPv4}},
	OXMIPv4Dst:      {32, true, []map[uint8]uint64{needIPv4}},
	OXMTCPSrc:       {16, false, needTCP},
	OXMTCPDst:       {16, false, needTCP},
	OXMUDPSrc:       {16, false, needUDP},
	OXMUDPDst:       {16, false, needUDP},
	OXMSCTPSrc:      {16, false, needSCTP},
	OXMSCTPDst:      {16, false, needSCTP},
	OXMICMPv4Type:   {8, false, needICMP},
	OXMICMPv4Code:   {8, false, needICMP},
	OXMARPOp:        {16, false, needARP},
	OXMARPSPA:       {32, true, needARP},
	OXMARPTPA:       {32, true, needARP},
	OXMARPSHA:       {48, true, needARP},
	OXMARPTHA:       {48, true, needARP},
	OXMIPv6FLabel:   {20, true, []map[uint8]uint64{needIPv6}},
	OXMICMPv6Type:   {8, false, needICM6},
	OXMICMPv6Code:   {8, false, needICM6},
	OXMIPv6NDSLL:    {48, false, needND[:1]},
	OXMIPv6NDTLL:    {48, false, needND[1:]},
	OXMMPLSLabel:    {20, false, needMPLS},
	OXMMPLSTC:       {3, false, needMPLS},
	OXMMPLSBOS:      {1, false, needMPLS},
	OXMPBBISID:      {24, true, []map[uint8]uint64{{OXMEthType: 0x88e7}}},
	OXMTunnelID:     {64, true, nil},
	OXMIPv6ExtHdr:   {9, true, []map[uint8]uint64{needIPv6}},
	OXMIPv6Src:      {128, true, []map[uint8]uint64{needIPv6}},
	OXMIPv6Dst:      {128, true, []map[uint8]uint64{needIPv6}},
	OXMIPv6NDTarget: {128, false, needND},
}

// accepts says whether the fields, in this order, are a legal match.
func accepts(fields []OXM) bool {
	before := map[uint8]uint64{}
	for _, o := range fields {
		m, ok := models[o.Field]
		_, dup := before[o.Field]
		if !ok || dup || o.HasMask && !m.maskable || !m.met(o.Field, before) || !valueFits(o, m.bits) {
			return false
		}
		before[o.Field] = binary.BigEndian.Uint64(o.Value[:]) >> (64 - 8*min(int(o.Len), 8))
	}
	return true
}

func (m model) met(field uint8, before map[uint8]uint64) bool {
	switch field {
	case OXMInPhyPort:
		_, ok := before[OXMInPort]
		return ok
	case OXMVLANPCP:
		return before[OXMVLANVID] >= 0x1000
	}
	if m.needs == nil {
		return true
	}
	for _, alternative := range m.needs {
		all := true
		for field, want := range alternative {
			got, ok := before[field]
			all = all && ok && got == want
		}
		if all {
			return true
		}
	}
	return false
}

// valueFits looks at value and mask bit by bit.
func valueFits(o OXM, width int) bool {
	wire := 8 * int(o.Len)
	for bit := range wire {
		v := o.Value[bit/8]>>(7-bit%8)&1 == 1
		m := o.Mask[bit/8]>>(7-bit%8)&1 == 1
		if bit < wire-width && (v || m) || o.HasMask && v && !m {
			return false
		}
	}
	if o.Field != OXMVLANVID {
		return true
	}
	v, m := binary.BigEndian.Uint16(o.Value[:]), binary.BigEndian.Uint16(o.Mask[:])
	return v == 0 || v >= 0x1000 || o.HasMask && m < 0x1000
}

// TestMatchAgainstModel decodes random lists of fields, good and bad, and
// compares the verdict with the model's.
func TestMatchAgainstModel(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(15, 16))}
	good := 0
	const n = 8000
	for range n {
		m := g.match()
		g.spoil(&m)
		want := accepts(m.Fields)
		var back Match
		_, err := back.decode(m.append(nil))
		if (err == nil) != want {
			t.Fatalf("%s: decode says %v, the model %v", &m, err, want)
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Type != ErrTypeBadMatch) {
			t.Fatalf("%s: %v is no OFPET_BAD_MATCH", &m, err)
		}
		if want {
			good++
		}
	}
	if good < n/10 || good > n*9/10 {
		t.Errorf("%d of %d matches are good: the test says little", good, n)
	}
}

// spoil makes a small change to a good match, which may leave it good. Fields
// that the model does not have are taken out.
func (g *generator) spoil(m *Match) {
	if n := len(m.Fields); n > 0 && m.Fields[n-1].Class != OXMClassBasic {
		m.Fields = m.Fields[:n-1]
	}
	n := len(m.Fields)
	if n == 0 {
		return
	}
	i, j := g.below(n), g.below(n)
	o := &m.Fields[i]
	switch g.below(6) {
	case 0:
		m.Fields = append(m.Fields[:i], m.Fields[i+1:]...)
	case 1:
		m.Fields[i], m.Fields[j] = m.Fields[j], m.Fields[i]
	case 2:
		m.Fields = append(m.Fields, m.Fields[i])
	case 3:
		o.Value[g.below(int(o.Len))] ^= 1 << g.below(8)
	case 4:
		o.HasMask = !o.HasMask
		o.Mask = [16]byte{}
		if o.HasMask {
			copy(o.Mask[:o.Len], g.bytes(int(o.Len)))
		}
	}
}
