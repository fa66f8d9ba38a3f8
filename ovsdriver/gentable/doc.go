// Package gentable is the generic tables of the BSN extensions
// (openflow_input/bsn_gentable of loxigen, OFStateManager of Indigo): tables of
// keys and values that mean something to a part of the switch only, with
// checksums by which a controller finds out what differs from what it wants.
//
// Registry answers for all tables (it satisfies bsn.Gentables), a Kind says what
// the entries of one may be and do. The only one is Indigo's table "test", for
// controllers and their suites to try the extension on.
//
// All of it belongs to the main goroutine. Only the streams are pulled by
// others; entries that they hold never change.
package gentable
