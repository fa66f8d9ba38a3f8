package packet

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
)

func TestWords(t *testing.T) {
	for _, w := range []struct {
		field       flowtable.Field
		word, shift uint8
	}{
		{flowtable.InPort, wordPort, shiftPort}, {flowtable.InPhyPort, wordPort, 0},
		{flowtable.EthDst, wordEthDst, shiftAddress}, {flowtable.EthType, wordEthDst, 0},
		{flowtable.EthSrc, wordEthSrc, shiftAddress}, {flowtable.VLANTCI, wordEthSrc, 0},
		{flowtable.IPProto, wordIP, shiftProto}, {flowtable.IPTOS, wordIP, shiftTOS}, {flowtable.IPTTL, wordIP, shiftTTL},
		{flowtable.IPFrag, wordIP, shiftFrag}, {flowtable.IPv6FLabel, wordIP, 0},
		{flowtable.L4Src, wordL4, shiftL4Src}, {flowtable.L4Dst, wordL4, shiftL4Dst},
		{flowtable.TCPFlags, wordL4, shiftTCPFlags}, {flowtable.IPv6ExtHdr, wordL4, 0},
		{flowtable.IPv4Src, wordIPv4, 32}, {flowtable.IPv4Dst, wordIPv4, 0},
		{flowtable.IPv6SrcHi, wordIPv6, 0}, {flowtable.IPv6SrcLo, wordIPv6 + 1, 0},
		{flowtable.IPv6DstHi, wordIPv6 + 2, 0}, {flowtable.IPv6DstLo, wordIPv6 + 3, 0},
	} {
		if v := flowtable.ViewOf(w.field); v.Word != w.word || v.Shift != w.shift {
			t.Errorf("field %d lies in word %d at %d, Parse writes it to word %d at %d", w.field, v.Word, v.Shift, w.word, w.shift)
		}
	}
}
