package vport

import (
	"testing"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// The switch's own interfaces that get another name are made anew.
func TestRenamedInternalPort(t *testing.T) {
	for kind, name := range map[datapath.PortKind]string{datapath.Internal: "in0", datapath.LocalPort: "ivs"} {
		w, p := newWorld()
		no, err := p.Await(name, kind)
		if err != nil {
			t.Fatal(err)
		}
		index := w.links[name].Index
		delete(w.links, name)
		p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("foo", index)})
		if prt := p.byNumber(no); prt == nil || prt.spec.Name != name {
			t.Errorf("%s is not attached again: %+v", name, p.byName[name])
		}
		if _, ok := w.links[name]; !ok {
			t.Errorf("no interface %s was made", name)
		}
	}
}

// LOCAL's interface, where it can't be made anew, is taken again when it has its
// name back.
func TestRenamedLocalComesBack(t *testing.T) {
	w, p := newWorld()
	if _, err := p.Await("ivs", datapath.LocalPort); err != nil {
		t.Fatal(err)
	}
	own := w.links["ivs"]
	delete(w.links, "ivs")
	w.fail["ivs"] = datapath.ErrNoInterface
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("foo", own.Index)})
	if p.byName["ivs"].attached {
		t.Fatal("LOCAL is attached without its interface")
	}
	delete(w.links, "foo")
	delete(w.fail, "ivs")
	w.links["ivs"] = own
	p.HandleLink(link.Event{Kind: link.Changed, Link: own})
	if !p.byName["ivs"].attached {
		t.Error("LOCAL is not attached though its interface is back")
	}
}
