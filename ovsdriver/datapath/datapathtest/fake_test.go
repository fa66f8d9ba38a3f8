package datapathtest

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	Isolate()
	goleak.VerifyTestMain(m)
}

func TestFakeConforms(t *testing.T) {
	Run(t, func(*testing.T) Harness { return &FakeHarness{Fake: NewFake()} })
}
