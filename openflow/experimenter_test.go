package openflow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// ours is an experimenter that fakeExperimenter answers for.
const ours = 0x00abcdef

// fakeExperimenter has messages 1, which is answered, 2, which writes and is
// not, and 3, which fails. Its multipart 1 has elements of a size.
type fakeExperimenter struct {
	count, size int
	written     []byte
}

var errOfOurs = &ofp13.Error{
	Type: ofp13.ErrTypeExperimenter, Code: 9, Experimenter: ours,
	Detail: []byte("detail"), Cause: errors.New("message 3 always fails"),
}

func (f *fakeExperimenter) Message(m *ofp13.Experimenter) (*ofp13.Experimenter, error) {
	switch m.ExpType {
	case 1:
		return &ofp13.Experimenter{Experimenter: ours, ExpType: 101, Data: bytes.ToUpper(m.Data)}, nil
	case 2:
		f.written = bytes.Clone(m.Data)
		return nil, nil
	case 3:
		return nil, errOfOurs
	}
	return nil, badRequest(ofp13.BadRequestBadExpType, "message %d", m.ExpType)
}

func (f *fakeExperimenter) Writes(expType uint32) bool { return expType == 2 }

func (f *fakeExperimenter) Multipart(m *ofp13.ExperimenterMultipart) (Stream, error) {
	if m.ExpType != 1 {
		return nil, badRequest(ofp13.BadRequestBadExpType, "multipart %d", m.ExpType)
	}
	return &numbered{n: f.count, size: f.size}, nil
}

// extended starts a server with an experimenter.
func extended(t *testing.T, f *fakeExperimenter) *harness {
	t.Helper()
	return start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Experimenters = map[uint32]Experimenter{ours: f}
	})
}

func expMessage(id, expType uint32, data string) []byte {
	m := ofp13.Experimenter{Experimenter: id, ExpType: expType, Data: []byte(data)}
	return m.AppendTo(nil, 77)
}

func expMultipart(id, expType uint32) []byte {
	body := ofp13.ExperimenterMultipart{Experimenter: id, ExpType: expType}
	m := ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter, Body: body.Append(nil)}
	return m.AppendTo(nil, 77)
}

func TestExperimenterMessages(t *testing.T) {
	f := &fakeExperimenter{}
	c := extended(t, f).connect()
	must(t, c.SendBytes(expMessage(ours, 1, "question")))
	m, err := c.ExpectReply(77, of.TypeExperiment)
	must(t, err)
	if m.Uint32(0) != ours || m.Uint32(4) != 101 || string(m.Body[8:]) != "QUESTION" {
		t.Errorf("answer %x", m.Body)
	}
	must(t, c.SendBytes(expMessage(ours, 2, "order")))
	must(t, c.Barrier()) // no answer comes before
	if string(f.written) != "order" {
		t.Errorf("written %q", f.written)
	}
}

// An experimenter's error names it, and its detail goes before the request.
func TestExperimenterError(t *testing.T) {
	c := extended(t, &fakeExperimenter{}).connect()
	request := expMessage(ours, 3, "x")
	must(t, c.SendBytes(request))
	m, err := c.ExpectError(77, 0xffff, 9)
	must(t, err)
	if m.Uint32(4) != ours || string(m.Body[8:]) != "detail"+string(request) {
		t.Errorf("error %x", m.Body)
	}
	// The longest request does not make the error too long.
	must(t, c.SendBytes(expMessage(ours, 3, string(make([]byte, 0xffff-16)))))
	m, err = c.ExpectError(77, 0xffff, 9)
	must(t, err)
	if m.Length != 0xffff {
		t.Errorf("error of %d bytes", m.Length)
	}
}

// What nobody answers for is refused, each by its own code.
func TestExperimentersRefused(t *testing.T) {
	c := extended(t, &fakeExperimenter{}).connect()
	short := expMessage(ours, 1, "")[:12]
	short[3] = 12
	for _, tt := range []struct {
		name    string
		request []byte
		code    uint16
	}{
		{"message of another", expMessage(ours+1, 1, ""), ofp13.BadRequestBadExperimenter},
		{"multipart of another", expMultipart(ours+1, 1), ofp13.BadRequestBadExperimenter},
		{"unknown message", expMessage(ours, 4, ""), ofp13.BadRequestBadExpType},
		{"unknown multipart", expMultipart(ours, 4), ofp13.BadRequestBadExpType},
		{"message without exp_type", short, ofp13.BadRequestBadLen},
	} {
		must(t, c.SendBytes(tt.request))
		xid := binary.BigEndian.Uint32(tt.request[4:])
		if _, err := c.ExpectError(xid, ofp.ErrTypeBadRequest, ofp.ErrCode(tt.code)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	must(t, c.Barrier())
}

// Each part of an answer says whose it is, and together they hold all elements.
func TestExperimenterMultipart(t *testing.T) {
	for _, tt := range []struct{ count, size, parts int }{{0, 8, 1}, {3, 100, 1}, {10000, 17, 3}, {2, 40000, 2}} {
		c := extended(t, &fakeExperimenter{count: tt.count, size: tt.size}).connect()
		must(t, c.SendBytes(expMultipart(ours, 1)))
		parts, elements := readExperimenterParts(t, c)
		var want []byte
		for b, ok := (&numbered{n: tt.count, size: tt.size}), true; ok; {
			want, ok = b.Next(want)
		}
		if parts != tt.parts || !bytes.Equal(elements, want) {
			t.Errorf("%d parts with %d bytes, want %d with %d", parts, len(elements), tt.parts, len(want))
		}
	}
}

// readExperimenterParts reads the parts of one answer, and returns what follows
// the exp_type in each.
func readExperimenterParts(t *testing.T, c *openflowtest.Controller) (parts int, elements []byte) {
	t.Helper()
	for more := true; more; parts++ {
		m, err := c.ExpectReply(77, of.TypeMultipartReply)
		must(t, err)
		if m.Uint16(0) != ofp13.MultipartExperimenter || m.Uint32(8) != ours || m.Uint32(12) != 1 {
			t.Fatalf("part begins with %x", m.Body[:min(16, len(m.Body))])
		}
		elements = append(elements, m.Body[16:]...)
		more = m.Uint16(2)&ofp13.MultipartMore != 0
	}
	return parts, elements
}

// A slave may ask, but not change.
func TestExperimenterAndSlaves(t *testing.T) {
	f := &fakeExperimenter{}
	c := extended(t, f).connect()
	ask(t, c, ofp.ControllerRoleSlave, 1)
	must(t, c.SendBytes(expMessage(ours, 2, "order")))
	if _, err := c.ExpectError(77, ofp.ErrTypeBadRequest, ofp.ErrCode(ofp13.BadRequestIsSlave)); err != nil {
		t.Error(err)
	}
	must(t, c.SendBytes(expMessage(ours, 1, "")))
	if _, err := c.ExpectReply(77, of.TypeExperiment); err != nil {
		t.Error(err)
	}
	must(t, c.SendBytes(expMultipart(ours, 1)))
	readExperimenterParts(t, c)
	if f.written != nil {
		t.Errorf("a slave has written %q", f.written)
	}
}
