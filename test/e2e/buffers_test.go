package e2e

import (
	"bytes"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// checkBuffered takes a packet-in that carries the first n bytes of a frame, and
// returns its buffer.
func (c *controller) checkBuffered(t *testing.T, what string, n int, frame []byte) uint32 {
	t.Helper()
	got := expect(t, c.packetIns, what)
	if got.BufferID == ofp13.NoBuffer || int(got.TotalLen) != len(frame) || !bytes.Equal(got.Data, frame[:n]) {
		t.Errorf("%s: buffer %#x, total_len %d, frame\n%s\nwant %d of %d bytes of\n%s",
			what, got.BufferID, got.TotalLen, describe(got.Data), n, len(frame), describe(frame))
	}
	return got.BufferID
}

// With --buffers controllers see as much of a packet as they asked for, by
// max_len or miss_send_len, and send the rest on by its buffer: by a packet-out,
// or by the flow-mod that is the answer to it. By the slow path, and then by
// cached flows.
func TestBuffers(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t, "--buffers", "64")
	d.setFlows(t,
		"priority=5,udp,tp_dst=1,actions=controller:50",
		"priority=5,udp,tp_dst=2,actions=dec_ttl,output:3",
		"priority=5,udp,tp_dst=3,actions=controller",
		"priority=0,actions=controller:20")
	w := l.wires(t)
	c := d.connect(t)
	var features ofp13.FeaturesReply
	c.request(t, &ofp13.FeaturesRequest{}, &features)
	if features.NBuffers != 64 {
		t.Errorf("n_buffers is %d", features.NBuffers)
	}
	c.send(t, &ofp13.SetConfig{MissSendLen: 30})                                              // without an answer
	c.send(t, &ofp13.SetAsync{AsyncConfig: ofp13.AsyncConfig{PacketInMask: [2]uint32{7, 0}}}) // of invalid TTL too
	var id uint32
	for range 4 {
		frame := udpFrame(7, 1, []byte("abcdefgh"))
		w[0].send(t, frame)
		id = c.checkBuffered(t, "max_len", 50, frame)
		c.send(t, &ofp13.PacketOut{BufferID: id, InPort: 1, Actions: []ofp13.Action{outputTo(2)}})
		w[1].expect(t, "packet-out of a buffer", frame)
	}
	c.refused(t, "a buffer that was used", &ofp13.PacketOut{BufferID: id, InPort: 1},
		ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
	c.refused(t, "a buffer that never was", &ofp13.PacketOut{BufferID: id ^ 0x8000, InPort: 1},
		ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)

	dying := withTTL(2, 1)
	w[0].send(t, dying)
	c.checkBuffered(t, "invalid TTL", 30, dying)

	whole := udpFrame(7, 3, []byte("abcdefgh"))
	w[0].send(t, whole)
	c.checkPacketIn(t, "OFPCML_NO_BUFFER", wantPacketIn{reason: ofp13.ReasonAction, inPort: 1, frame: whole})

	missed := udpFrame(7, 9, []byte("abcdefgh"))
	w[0].send(t, missed)
	id = c.checkBuffered(t, "table miss", 20, missed)
	mod := flow(ofp13.FlowMod{Priority: 9, Match: fromPort(1), Instructions: apply(outputTo(3))})
	mod.BufferID = id
	c.send(t, mod)
	w[2].expect(t, "flow-mod of a buffer", missed)
	w[0].send(t, missed)
	w[2].expect(t, "the new flow", missed)
	c.refused(t, "the buffer again", mod, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
}
