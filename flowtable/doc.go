// Package flowtable holds OpenFlow flow tables. It does no I/O, starts no
// goroutine and takes no lock.
//
// A [Key] is a frame as fixed words, a [Match] a pattern of keys, an [Entry] a
// pattern with a priority and a value. A [Classifier] finds the entry of the
// highest priority for a key; a [Table] adds OpenFlow's rules to it: overlap,
// replacement, loose and strict modification and deletion, cookies, timeouts
// (OpenFlow 1.3.5 §5 and §6.4), and beyond them eviction and checksums. What an
// entry does is its value, of which nothing here knows: package translate has it.
//
// One goroutine, called main below, owns a Classifier or a Table and is the
// only one to call its methods. It publishes a [Snapshot] whenever the changes
// so far shall be seen. A Snapshot never changes, so any number of goroutines
// read it without locks, for as long as they like; what it no longer shares
// with later ones is the garbage collector's. The only things that are written
// after publication are the counters, [Stats] and [Lookups], which are atomic.
package flowtable
