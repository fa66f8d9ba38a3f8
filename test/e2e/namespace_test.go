package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/test/netns"
)

// namespace is a network namespace, in words that are short.
type namespace struct{ *netns.Namespace }

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	return &namespace{netns.New(t)}
}

// commandLimit ends a command that hangs.
const commandLimit = time.Minute

// try runs a command inside to its end and returns all that it printed.
func (n *namespace) try(name string, args ...string) (string, error) {
	return n.tryWith(nil, "", name, args...)
}

// tryWith is try with more environment variables and a standard input.
func (n *namespace) tryWith(env []string, input, name string, args ...string) (string, error) {
	return n.Run(commandLimit, env, input, name, args...)
}

// run runs a command inside, which must succeed, and returns what it printed.
func (n *namespace) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := n.try(name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ip runs lines of the ip command.
func (n *namespace) ip(t *testing.T, lines ...string) {
	t.Helper()
	if _, err := n.tryWith(nil, strings.Join(lines, "\n")+"\n", "ip", "-batch", "-"); err != nil {
		t.Fatal(err)
	}
}
