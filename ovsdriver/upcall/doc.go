// Package upcall is the slow path: worker goroutines, one per
// datapath.Receiver, that take frames which no cached flow matched through the
// present tables, send them on their way, and ask main through the bottom-half
// channel for packet-ins and, when a flow is seen a second time, for a cached
// flow. A worker allocates nothing per batch and never waits for main.
package upcall
