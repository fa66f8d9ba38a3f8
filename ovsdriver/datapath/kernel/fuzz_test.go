package kernel

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

const testFamily, testIndex = 1000, 7 // a family that no kernel has

// upcallMessage makes an OVS_PACKET_CMD_MISS or _ACTION as the kernel sends it.
func upcallMessage(cmd uint8, key, frame, userdata []byte) []byte {
	b, start := appendRequest(nil, testFamily, 0, 0, cmd, packetVersion, testIndex)
	b = appendAttr(b, packetAttrKey, key)
	if userdata != nil {
		b = appendAttr(b, packetAttrUserdata, userdata)
	}
	// The frame comes last, unaligned.
	b = append(attr(b, packetAttrPacket, len(frame)), frame...)
	return endRequest(b, start)
}

func goldenKeyBytes(t testing.TB) (all [][]byte) {
	for _, g := range goldenKeys {
		all = append(all, bytesOf(t, g.want))
	}
	return all
}

func FuzzUpcall(f *testing.F) {
	for _, key := range goldenKeyBytes(f) {
		f.Add(upcallMessage(packetCmdMiss, key, make([]byte, 61), nil))
		f.Add(upcallMessage(packetCmdAction, key, make([]byte, 14), []byte{8, 7, 6, 5, 4, 3, 2, 1}))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		buf := append(make([]byte, datapath.Headroom), msg...)
		var u datapath.Upcall
		if !parseUpcall(buf, datapath.Headroom, len(msg), testFamily, testIndex, &u) {
			return
		}
		if u.Frame.Start < datapath.Headroom || u.Frame.End < u.Frame.Start || u.Frame.End > len(buf) {
			t.Errorf("frame at %d to %d of %d bytes", u.Frame.Start, u.Frame.End, len(buf))
		}
	})
}

// FuzzKey checks that no bytes make the decoder write what it must not, and that
// what the encoder takes comes back.
func FuzzKey(f *testing.F) {
	for _, key := range goldenKeyBytes(f) {
		f.Add(key, key)
	}
	f.Fuzz(func(t *testing.T, key, mask []byte) {
		var m flowtable.Match
		if !decodeKey(key, &m.Key) || !decodeMask(mask, &m.Mask) {
			return
		}
		for i := flowtable.PipelineWord; i < flowtable.Words; i++ {
			if m.Key[i] != 0 || m.Mask[i] != 0 {
				t.Fatalf("pipeline word %d became %x under %x", i, m.Key[i], m.Mask[i])
			}
		}
		m.Mask.Apply(&m.Key, &m.Key)
		b, err := appendMatch(nil, &m)
		if err != nil {
			return
		}
		back := readMatch(t, b)
		again, err := appendMatch(nil, &back)
		if err != nil || string(again) != string(b) {
			t.Errorf("%v encodes as\n%x, but what that decodes to as\n%x (%v)", m, b, again, err)
		}
	})
}

func FuzzFlowInfo(f *testing.F) {
	for _, g := range goldenActions {
		b := appendUFID(nil, 5)
		b = appendAttr(b, flowAttrActions, bytesOf(f, g.want))
		f.Add(appendAttr(b, flowAttrStats, make([]byte, 16)))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var info FlowInfo
		readFlow(payload, &info)
		readPort(payload)
		readDatapath(reply{attrs: payload})
	})
}

// FuzzAnswers gives the reading of answers and dumps any bytes.
func FuzzAnswers(f *testing.F) {
	ack := func(code int32) []byte {
		b, start := appendRequest(nil, unix.NLMSG_ERROR, 0, 1, 0, 0, 0)
		host.PutUint32(b[nlHeader:], uint32(code))
		return endRequest(b, start)
	}
	f.Add(ack(0))
	f.Add(append(ack(-17), ack(-2)...))
	b, start := appendRequest(nil, testFamily, 0, 1, cmdNew, flowVersion, testIndex)
	f.Add(append(endRequest(appendUFID(b, 5), start), ack(0)...))
	f.Fuzz(func(t *testing.T, part []byte) {
		_, _ = dumpPart(part, func(payload []byte) error {
			var s datapath.FlowStats
			readStats(payload, &s)
			return nil
		})
		tx := transaction{seq: 1, n: 1}
		if left := tx.dispatch(part, func(int, []byte, error) {}); left != 0 && left != 1 {
			t.Errorf("one message ended %d requests", left)
		}
	})
}

func TestExtendedAck(t *testing.T) {
	msg := bytesOf(t, `
		40000000 0200 0003 01000000 63000000  // NLMSG_ERROR, NLM_F_CAPPED and NLM_F_ACK_TLVS
		eaffffff                              // -EINVAL
		24000000 1f00 0500 01000000 00000000  // header of the request
		0c00 0100 6e6f20776179 0000           // NLMSGERR_ATTR_MSG: "no way"
	`)
	err := errorOf(msg)
	if err == nil || err.Error() != "invalid argument (no way)" {
		t.Errorf("error %q, want the kernel's words", err)
	}
	if err := errorOf(msg[:nlHeader+2]); err == nil {
		t.Error("an error message that is cut off says success")
	}
}
