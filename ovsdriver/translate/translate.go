package translate

import (
	"io"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Translate walks a frame's key, as it came in by the port that it names,
// through v's tables. It allocates nothing once r's slices have grown. Where a
// key does not tell all (r.Resume), the caller goes on with Continue.
func Translate(v *View, key *flowtable.Key, r *Result) {}

// TranslateActions is Translate for a packet-out: the walk begins with the
// program's actions, and enters table 0 only by output to OFPP_TABLE.
func TranslateActions(v *View, p *Program, key *flowtable.Key, r *Result) {}

// Continue goes on where r.Resume had stopped, with the key of the frame as
// r.Actions have left it. r.Actions then holds only what is left to do;
// r.Credits, r.Visits and r.PacketIns grow.
func Continue(key *flowtable.Key, r *Result) {}

type walk struct{}

type tagStack struct{}

type op struct{}

func compile(table uint8, match *flowtable.Match, instructions []ofp13.Instruction) (*Program, error) {
	return nil, nil
}
func compileActions(actions []ofp13.Action) (*Program, error) { return nil, nil }

func compileMatch(m *ofp13.Match) (flowtable.Match, error) { return flowtable.Match{}, nil }

func newPortSet(ports []Port) *PortSet { return nil }

func (s *PortSet) changed(old *PortSet, tokens []Token) []Token { return nil }

// Packet takes a frame that came in with this key through v's tables, credits
// it at now (CLOCK_MONOTONIC, nanoseconds), and gives what becomes of it to
// out. The frame may be edited in place.
func (x *Executor) Packet(v *View, key *flowtable.Key, f *datapath.Frame, now int64, out Sink) {}

// PacketOut does a packet-out's actions on a frame, whose key names the ingress
// port, and else is as Packet.
func (x *Executor) PacketOut(v *View, p *Program, key *flowtable.Key, f *datapath.Frame, now int64, out Sink) {
}

// Reset makes the buffers that were given to the sink free again. Call it when
// the executions have been done.
func (x *Executor) Reset() {}

// Trace takes key through v's tables and writes what happened, line by line:
// the fields, each table, the entry hit with its fields and masks, each action.
func Trace(v *View, key *flowtable.Key, w io.Writer) error { return nil }
