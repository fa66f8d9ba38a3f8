package userspace

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// A queue keeps the order, round and round, and takes what it has room for; when
// slots are scarce, no more than a turn's worth.
func TestUpcallQueue(t *testing.T) {
	var q upcallQueue
	next, first := int32(0), int32(0)
	for _, scarce := range []bool{true, false, false, true} {
		for !q.full(scarce) {
			q.push(next)
			next++
		}
		room := missQueue
		if scarce {
			room = missBudget
		}
		if q.n != room {
			t.Fatalf("full with %d upcalls, want %d; scarce: %t", q.n, room, scarce)
		}
		for q.n > 1 { // so that the next round begins elsewhere
			if got := q.pop(); got != first {
				t.Fatalf("slot %d came, want %d", got, first)
			}
			first++
		}
	}
}

// A mailbox takes what it has room for, as copies, and gives it back in its order.
func TestMailbox(t *testing.T) {
	var m mailbox
	var k flowtable.Key
	b := make([]byte, frameOffset+60)
	f := datapath.Frame{Buf: b, Start: frameOffset, End: len(b)}
	for i := range mailboxSize {
		b[frameOffset] = byte(i)
		if !m.put(&f, &k, uint64(i)) {
			t.Fatalf("no room for upcall %d of %d", i, mailboxSize)
		}
	}
	if m.put(&f, &k, 0) {
		t.Errorf("there is room for more than %d upcalls", mailboxSize)
	}
	batch := make([]datapath.Upcall, 10)
	for next := 0; !m.empty(); {
		for _, u := range batch[:m.take(batch)] {
			if u.Record != uint64(next) || u.Frame.Bytes()[0] != byte(next) || u.Kind != datapath.Action {
				t.Errorf("upcall %+v, want that of record %d", u, next)
			}
			next++
		}
		if m.empty() && next != mailboxSize {
			t.Errorf("%d upcalls came, want %d", next, mailboxSize)
		}
	}
	if !m.put(&f, &k, 0) {
		t.Error("no room after all were taken")
	}
}
