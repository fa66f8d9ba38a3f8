// Package datapathtest holds what tests of and around datapaths need.
//
// Fake is a datapath in memory: tests of the layers above inject frames into
// its ports and read what leaves them, without privileges and without waiting.
//
// Run is the suite that holds every implementation of datapath.Datapath, the
// Fake included, to the comments of that package. Network makes real
// interfaces for it, and Isolate gives a test binary a network namespace of its
// own. What tests of both real datapaths share besides is here too: frames, and
// LeaksNothing.
package datapathtest
