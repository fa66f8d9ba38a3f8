package openflow

import (
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

const (
	// maxAssembled is how many bytes of unfinished multipart requests a
	// connection may have: enough to describe 254 tables twice over.
	maxAssembled = 2 << 20
	// maxUnfinished is how many such requests it may have. No controller
	// comes near; one that does has lost its way.
	maxUnfinished = 64
	// maxParts is how many parts one request may have; a description of 254
	// tables can have as many if each comes by itself.
	maxParts = 1024
)

// errUnfinished ends connections that leave too many multipart requests open.
var errUnfinished = fmt.Errorf("more than %d multipart requests are unfinished", maxUnfinished)

// part is one message of a multipart request (§7.3.5).
type part struct {
	xid  uint32
	typ  uint16
	more bool // OFPMPF_REQ_MORE: another part follows
	body []byte
}

// assembler puts the parts of multipart requests together. It belongs to a
// connection's reader.
type assembler struct {
	open  []assembly
	bytes int
}

// assembly is a request of which parts are missing. One that was refused
// stays until its last part, lest the rest of it pass for a request.
type assembly struct {
	xid     uint32
	typ     uint16
	body    []byte
	parts   int
	refused bool
}

// add takes one part. With the last it returns the whole body, which is valid
// as long as the part's if there is only one. A request that is too large, or
// has too many parts, fails once, with OFPBRC_MULTIPART_BUFFER_OVERFLOW. Of one
// xid there is one unfinished request: a part of another type is refused with
// OFPBRC_BAD_MULTIPART, and that request waits on.
func (a *assembler) add(p part) (body []byte, whole bool, err error) {
	i := a.find(p.xid)
	switch {
	case i < 0 && !p.more:
		return p.body, true, nil
	case i >= 0 && a.open[i].typ != p.typ:
		return nil, false, badRequest(ofp13.BadRequestBadMultipart,
			"xid %#x is that of an unfinished multipart request of type %d: take another xid for one of type %d",
			p.xid, a.open[i].typ, p.typ)
	}
	if i < 0 {
		if len(a.open) == maxUnfinished {
			return nil, false, badRequest(ofp13.BadRequestMultipartBufferOverflow, "%w", errUnfinished)
		}
		i = len(a.open)
		a.open = append(a.open, assembly{xid: p.xid, typ: p.typ})
	}
	err = a.append(&a.open[i], p.body)
	if p.more {
		return nil, false, err
	}
	done := a.open[i]
	a.open = append(a.open[:i], a.open[i+1:]...)
	a.bytes -= len(done.body)
	return done.body, !done.refused, err
}

func (a *assembler) find(xid uint32) int {
	for i := range a.open {
		if a.open[i].xid == xid {
			return i
		}
	}
	return -1
}

func (a *assembler) append(r *assembly, body []byte) error {
	if r.refused {
		return nil
	}
	r.parts++
	if a.bytes+len(body) > maxAssembled || r.parts > maxParts {
		a.bytes -= len(r.body)
		r.body, r.refused = nil, true
		return badRequest(ofp13.BadRequestMultipartBufferOverflow,
			"unfinished multipart requests exceed %d bytes, or one has more than %d parts", maxAssembled, maxParts)
	}
	r.body = append(r.body, body...)
	a.bytes += len(body)
	return nil
}
