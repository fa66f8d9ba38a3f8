package ofp13

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the seed corpora in testdata/fuzz from the golden bytes")

// messages has one value per message type, to make fresh ones of.
func messages() map[uint8]Message {
	kinds := map[uint8]Message{}
	for _, g := range allGoldenMessages() {
		kinds[g.value.AppendTo(nil, 0)[1]] = g.value
	}
	return kinds
}

// bodies has one value per kind of multipart body, to make fresh ones of.
func bodies() []body {
	var kinds []body
	for _, g := range allGoldenBodies() {
		kinds = append(kinds, g.value)
	}
	return kinds
}

// checkRefusal wants every failure to be an *Error with a name of its own.
func checkRefusal(t *testing.T, err error) {
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if !strings.Contains(e.Name(), "/OFP") {
		t.Fatalf("%v has no name", err)
	}
	_ = e.Error()
}

// FuzzMessage decodes any message. What decodes must encode to something that
// decodes to the same value, and then to the same bytes.
func FuzzMessage(f *testing.F) {
	kinds := messages()
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := DecodeHeader(b)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		kind := kinds[h.Type]
		if kind == nil {
			return
		}
		m := fresh(kind)
		if err := m.Decode(b); err != nil {
			checkRefusal(t, err)
			return
		}
		wire := m.AppendTo(nil, h.XID)
		again := fresh(m)
		if err := again.Decode(wire); err != nil {
			t.Fatalf("%+v encodes to what is refused: %v", m, err)
		}
		if d := diff(m, again); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
		if !bytes.Equal(again.AppendTo(nil, h.XID), wire) {
			t.Fatal("encoding is not stable")
		}
	})
}

// FuzzBody does the same with multipart bodies; the first byte chooses which.
func FuzzBody(f *testing.F) {
	kinds := bodies()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		v := fresh(kinds[int(b[0])%len(kinds)])
		if err := decodeBody(v, b[1:]); err != nil {
			checkRefusal(t, err)
			return
		}
		wire := v.Append(nil)
		again := fresh(v)
		if err := decodeBody(again, wire); err != nil {
			t.Fatalf("%+v encodes to what is refused: %v", v, err)
		}
		if d := diff(v, again); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
	})
}

// FuzzMatch decodes matches alone, so that the fuzzer need not find the header
// of a flow-mod.
func FuzzMatch(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again Match
		rest, err := m.decode(b)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		if len(m.Fields) > len(basicFields)+1 {
			t.Fatalf("%d fields: there must be duplicates", len(m.Fields))
		}
		wire := m.append(nil)
		if len(wire) != len(b)-len(rest) {
			t.Fatalf("%d bytes became %d", len(b)-len(rest), len(wire))
		}
		if _, err := again.decode(wire); err != nil {
			t.Fatalf("%v encodes to what is refused: %v", &m, err)
		}
		if d := diff(m, again); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
	})
}

// FuzzActions decodes lists of actions.
func FuzzActions(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) { checkList(t, b, decodeList[Action]) })
}

// FuzzInstructions decodes lists of instructions.
func FuzzInstructions(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) { checkList(t, b, decodeInstructions) })
}

// checkList decodes a list, which is refused by a code or is the same once it was
// encoded again.
func checkList[T any, P listed[T]](t *testing.T, b []byte, decode func([]byte, []T) ([]T, error)) {
	list, err := decode(b, nil)
	if err != nil {
		checkRefusal(t, err)
		return
	}
	wire := appendList[T, P](nil, list)
	if len(wire) != len(b) {
		t.Fatalf("%d bytes became %d", len(b), len(wire))
	}
	again, err := decode(wire, nil)
	if err != nil {
		t.Fatalf("%+v encodes to what is refused: %v", list, err)
	}
	if d := diff(list, again); d != "" {
		t.Fatalf("(-first +second):\n%s", d)
	}
}

// seeds are the corpora, by target and file name.
func seeds(t *testing.T) map[string]map[string][]byte {
	all := map[string]map[string][]byte{
		"FuzzMessage": {}, "FuzzBody": {},
		"FuzzMatch":        {"golden": unhex(t, goldenMatchWire), "empty": unhex(t, "0001 0004 00000000")},
		"FuzzActions":      {"golden": unhex(t, goldenActionsWire)},
		"FuzzInstructions": {"golden": appendList(nil, goldenFlow[0].value.(*FlowMod).Instructions)},
	}
	name := strings.NewReplacer(" ", "-")
	for _, g := range allGoldenMessages() {
		all["FuzzMessage"][name.Replace(g.name)] = unhex(t, g.wire)
	}
	for i, g := range allGoldenBodies() {
		all["FuzzBody"][name.Replace(g.name)] = append([]byte{byte(i)}, unhex(t, g.wire)...)
	}
	return all
}

// TestSeedCorpora keeps testdata/fuzz in step with the golden bytes; run it
// with -update after a change.
func TestSeedCorpora(t *testing.T) {
	for target, files := range seeds(t) {
		dir := filepath.Join("testdata", "fuzz", target)
		for name, data := range files {
			want := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", data)
			file := filepath.Join(dir, "seed-"+name)
			if *update {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s is not what the golden bytes say (%v); run go test -run TestSeedCorpora -update", file, err)
			}
		}
	}
}
