package translate

import (
	"io"

	"github.com/ivs-go/ivs/flowtable"
)

// Trace takes key through v's tables and writes what happened, line by line:
// the fields, each table, the entry hit with its fields and masks, each action.
func Trace(v *View, key *flowtable.Key, w io.Writer) error { return nil }

type tracer struct{}

func (t *tracer) lookup(w *walk, e *Entry) {}
func (t *tracer) rest(w *walk, p *Program) {}
func (t *tracer) action(o *op)             {}
func (t *tracer) say(text string)          {}
func (t *tracer) packetIn(p *PacketIn)     {}
