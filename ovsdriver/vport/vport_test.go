package vport

import (
	stdcmp "cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// world is a host, a datapath and controllers, and the order of what they saw.
type world struct {
	links map[string]link.Link
	ports map[datapath.PortNo]datapath.PortSpec
	index map[datapath.PortNo]int // of their interfaces, whatever these are called
	fail  map[string]error
	log   []string
	asked int // calls of Get and Classes
	seen  *translate.PortSet

	classes map[int][]link.Class // by interface index
	drops   map[datapath.PortNo]datapath.PortDrops
	now     time.Time
}

func newWorld(names ...string) (*world, *Ports) {
	w := &world{links: map[string]link.Link{}, ports: map[datapath.PortNo]datapath.PortSpec{}, fail: map[string]error{}, index: map[datapath.PortNo]int{}}
	w.classes, w.now = map[int][]link.Class{}, time.Unix(1000, 0)
	for i, name := range names {
		w.appear(name, i+10)
	}
	quiet := logrus.New()
	quiet.SetOutput(io.Discard)
	p := New(Config{
		Datapath: w, Links: w, Log: logrus.NewEntry(quiet),
		Publish: func(s *translate.PortSet) {
			w.seen = s
			w.logf("publish %s", w.published())
		},
		Status: func(s *ofp13.PortStatus) {
			w.logf("status %s %d %s", [...]string{"add", "delete", "modify"}[s.Reason], s.Port.PortNo, s.Port.Name)
		},
		Now: func() time.Time { return w.now },
	})
	return w, p
}

func (w *world) appear(name string, index int) link.Link {
	l := link.Link{Index: index, Name: name, HWAddr: net.HardwareAddr{2, 0, 0, 0, 0, byte(index)}, Up: true, Running: true}
	w.links[name] = l
	return l
}

func (w *world) logf(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// took returns what happened since the last call.
func (w *world) took() []string {
	log := w.log
	w.log = nil
	return log
}

func (w *world) published() string {
	var names []string
	for _, p := range w.seen.All() {
		names = append(names, fmt.Sprintf("%d=%s", p.No, p.Name))
	}
	return strings.Join(names, ",")
}

func (w *world) Get(name string) (link.Link, error) {
	w.asked++
	l, ok := w.links[name]
	if err := w.fail["get "+name]; err != nil {
		return l, err
	}
	if !ok {
		return l, fmt.Errorf("interface %s: %w", name, link.ErrNotFound)
	}
	return l, nil
}

func (w *world) Classes(index int) ([]link.Class, error) {
	w.asked++
	return w.classes[index], w.fail[fmt.Sprint("classes ", index)]
}

func (w *world) Mode(string) link.Mode {
	return link.Mode{
		Mbps: 10_000, FullDuplex: true, MaxMbps: 25_000,
		Advertised: link.Full10G | link.OtherRate | link.Fiber | link.AsymPause, Peer: link.Full10G | link.Pause,
	}
}

func (w *world) SetUp(name string, up bool) error {
	if err := w.fail["up "+name]; err != nil {
		return err
	}
	l := w.links[name]
	l.Up = up
	w.links[name] = l
	return nil
}

func (w *world) PortDrops(no datapath.PortNo) datapath.PortDrops { return w.drops[no] }

func (w *world) AddPort(s datapath.PortSpec) error {
	if err := w.fail[s.Name]; err != nil {
		return err
	}
	if s.Kind != datapath.Netdev {
		w.appear(s.Name, 100+int(s.No&0xff))
	}
	for _, other := range w.ports {
		if l := w.links[s.Name]; other != s && s.Kind == datapath.Netdev && w.index[other.No] == l.Index {
			return fmt.Errorf("%s: %w", s.Name, datapath.ErrBusy)
		}
	}
	w.ports[s.No] = s
	w.index[s.No] = w.links[s.Name].Index
	w.logf("attach %d %s", s.No, s.Name)
	return nil
}

func (w *world) DeletePort(no datapath.PortNo) error {
	if _, ok := w.ports[no]; !ok {
		return datapath.ErrNoPort
	}
	delete(w.ports, no)
	w.logf("detach %d", no)
	return nil
}

func (w *world) ListPorts(dst []datapath.PortSpec) ([]datapath.PortSpec, error) {
	for _, s := range w.ports {
		dst = append(dst, s)
	}
	slices.SortFunc(dst, func(a, b datapath.PortSpec) int { return stdcmp.Compare(a.No, b.No) })
	return dst, nil
}

func (w *world) PortEvents() <-chan datapath.PortEvent { return nil }

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what happened (-want +got):\n%s", diff)
	}
}

func add(t *testing.T, p *Ports, name string) datapath.PortNo {
	t.Helper()
	no, err := p.Add(name, datapath.Netdev)
	if err != nil {
		t.Fatal(err)
	}
	return no
}

func TestOrderOfAPortsLife(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	want(t, w.took(), "publish 1=eth1", "attach 1 eth1", "publish 1=eth1", "status add 1 eth1")
	if err := p.Delete("eth1"); err != nil {
		t.Fatal(err)
	}
	want(t, w.took(), "detach 1", "status delete 1 eth1", "publish ")
	if err := p.Delete("eth1"); !errors.Is(err, ErrUnknown) {
		t.Errorf("second Delete: %v", err)
	}
}

func TestNumbersFollowTheOrderAndStayWithTheName(t *testing.T) {
	w, p := newWorld("a", "c", "d", "e")
	if no, err := p.Await("a", datapath.Netdev); no != 1 || err != nil {
		t.Errorf("a: %d, %v", no, err)
	}
	if no, err := p.Await("b", datapath.Netdev); no != 2 || !errors.Is(err, link.ErrNotFound) {
		t.Errorf("missing b: %d, %v", no, err)
	}
	if no, err := p.Await("c", datapath.Netdev); no != 3 || err != nil {
		t.Errorf("c: %d, %v", no, err)
	}
	if err := p.Delete("a"); err != nil {
		t.Fatal(err)
	}
	if no := add(t, p, "d"); no != 4 {
		t.Errorf("d got %d: a's number must stay a's", no)
	}
	if no := add(t, p, "a"); no != 1 {
		t.Errorf("a came back as %d", no)
	}
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("b", 50)})
	if w.published() != "1=a,2=b,3=c,4=d" {
		t.Errorf("ports: %s", w.published())
	}
}

func TestFullSwitchReusesNumbers(t *testing.T) {
	w, p := newWorld()
	for i := range MaxPorts {
		name := fmt.Sprintf("v%d", i)
		w.appear(name, i+1)
		add(t, p, name)
	}
	w.appear("more", 5000)
	if _, err := p.Add("more", datapath.Netdev); !errors.Is(err, ErrFull) {
		t.Fatalf("port %d: %v", MaxPorts+1, err)
	}
	if err := p.Delete("v7"); err != nil {
		t.Fatal(err)
	}
	if no := add(t, p, "more"); no != 8 {
		t.Errorf("more got %d, want the number of v7", no)
	}
}

func TestFailedAddChangesNothing(t *testing.T) {
	w, p := newWorld("eth1")
	w.fail["eth1"] = datapath.ErrBusy
	if _, err := p.Add("eth1", datapath.Netdev); !errors.Is(err, datapath.ErrBusy) || !strings.Contains(err.Error(), "eth1") {
		t.Errorf("busy interface: %v", err)
	}
	if _, err := p.Add("nothere", datapath.Netdev); !errors.Is(err, link.ErrNotFound) {
		t.Errorf("missing interface: %v", err)
	}
	if len(p.List()) != 0 || w.published() != "" || slices.ContainsFunc(w.log, func(s string) bool { return strings.HasPrefix(s, "status") }) {
		t.Errorf("something is left: %v, %v", p.List(), w.log)
	}
	w.appear("eth2", 20)
	if no := add(t, p, "eth2"); no != 1 {
		t.Errorf("then eth2 got %d: a failure took a number", no)
	}
	delete(w.fail, "eth1")
	add(t, p, "eth1")
	if _, err := p.Add("eth1", datapath.Netdev); !errors.Is(err, ErrExists) {
		t.Errorf("twice: %v", err)
	}
}

// By an alternative name an interface can be read, but its events name the other.
func TestAlternativeName(t *testing.T) {
	w, p := newWorld("eth0")
	w.links["uplink"] = w.links["eth0"]
	if _, err := p.Await("uplink", datapath.Netdev); err == nil || !strings.Contains(err.Error(), "alternative name of eth0") {
		t.Errorf("attached by an alternative name: %v", err)
	}
	want(t, w.took())
}

func TestPruneKeepsWhatIsWanted(t *testing.T) {
	w, p := newWorld()
	local := datapath.PortSpec{No: datapath.Local, Name: "ivs", Kind: datapath.LocalPort}
	same := datapath.PortSpec{No: 1, Name: "eth1"}
	for _, s := range []datapath.PortSpec{local, same, {No: 2, Name: "eth3"}, {No: 7, Name: "eth2"}} {
		w.ports[s.No] = s
	}
	if err := p.Prune([]datapath.PortSpec{same, {No: 2, Name: "eth2"}}); err != nil {
		t.Fatal(err)
	}
	if left, _ := w.ListPorts(nil); !slices.Equal(left, []datapath.PortSpec{same, local}) {
		t.Errorf("left: %v", left)
	}
}

func TestPortMod(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	mac := p.byName["eth1"].describe().HWAddr
	w.took()
	mod := func(m ofp13.PortMod) error { return p.PortMod(&m) }
	if err := mod(ofp13.PortMod{PortNo: 1, HWAddr: mac, Config: ofp13.PortConfigNoFwd | ofp13.PortConfigNoRecv, Mask: ofp13.PortConfigNoFwd}); err != nil {
		t.Fatal(err)
	}
	want(t, w.took(), "publish 1=eth1", "status modify 1 eth1")
	if c := w.seen.Get(1).Config; c != ofp13.PortConfigNoFwd {
		t.Errorf("config %#x: bits outside the mask count for nothing", c)
	}
	if err := mod(ofp13.PortMod{PortNo: 1, HWAddr: mac, Config: ofp13.PortConfigDown, Mask: ofp13.PortConfigDown}); err != nil {
		t.Fatal(err)
	}
	if w.links["eth1"].Up || w.seen.Get(1).Config != ofp13.PortConfigNoFwd|ofp13.PortConfigDown {
		t.Errorf("PORT_DOWN: host up %t, config %#x", w.links["eth1"].Up, w.seen.Get(1).Config)
	}
	w.fail["up eth1"] = errors.New("EPERM")
	for _, tt := range []struct {
		mod  ofp13.PortMod
		code uint16
	}{
		{ofp13.PortMod{PortNo: 2, HWAddr: mac}, ofp13.PortModFailedBadPort},
		{ofp13.PortMod{PortNo: 1}, ofp13.PortModFailedBadHWAddr},
		{ofp13.PortMod{PortNo: 1, HWAddr: mac, Advertise: 1}, ofp13.PortModFailedBadAdvertise},
		{ofp13.PortMod{PortNo: 1, HWAddr: mac, Mask: ofp13.PortConfigDown}, ofp13.PortModFailedEPerm},
	} {
		var failed *ofp13.Error
		if err := mod(tt.mod); !errors.As(err, &failed) || failed.Type != ofp13.ErrTypePortModFailed || failed.Code != tt.code {
			t.Errorf("%+v: %v, want code %d", tt.mod, err, tt.code)
		}
	}
}

func TestDescribe(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	if _, err := p.Add("ivs", datapath.LocalPort); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete("ivs"); !errors.Is(err, ErrLocal) {
		t.Errorf("LOCAL could be deleted: %v", err)
	}
	got := p.byName["eth1"].describe()
	wanted := ofp13.Port{
		PortNo: 1, HWAddr: [6]byte{2, 0, 0, 0, 0, 10}, Name: "eth1", State: ofp13.PortStateLive,
		Curr:       ofp13.PortFeature10GBFD,
		Advertised: ofp13.PortFeature10GBFD | ofp13.PortFeatureOther | ofp13.PortFeatureFiber | ofp13.PortFeaturePauseAsym,
		Supported:  ofp13.PortFeature10GBFD | ofp13.PortFeatureOther | ofp13.PortFeatureFiber | ofp13.PortFeaturePauseAsym,
		Peer:       ofp13.PortFeature10GBFD | ofp13.PortFeaturePause,
		CurrSpeed:  10_000_000, MaxSpeed: 25_000_000,
	}
	if got != wanted {
		t.Errorf("eth1 is\n%+v, want\n%+v", got, wanted)
	}
	if no := p.byName["ivs"].describe().PortNo; no != ofp13.PortLocal {
		t.Errorf("LOCAL is numbered %#x", no)
	}
	if w.published() != "1=eth1,4294967294=ivs" {
		t.Errorf("published %s", w.published())
	}
}

func TestInternalPortWaitsForItsName(t *testing.T) {
	w, p := newWorld("in0") // somebody else's
	w.fail["in0"] = datapath.ErrBusy
	if no, err := p.Await("in0", datapath.Internal); no != 1 || !errors.Is(err, datapath.ErrBusy) {
		t.Fatalf("Await: %d, %v", no, err)
	}
	w.took()
	theirs := w.links["in0"]
	p.HandleLink(link.Event{Kind: link.Changed, Link: theirs})
	want(t, w.took()) // still theirs
	delete(w.fail, "in0")
	delete(w.links, "in0")
	p.HandleLink(link.Event{Kind: link.Gone, Link: theirs})
	want(t, w.took(), "publish 1=in0", "attach 1 in0", "publish 1=in0", "status add 1 in0")
}
