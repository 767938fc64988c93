package linux

import "slices"

// A siginfo tells a handler about its signal. Fields are the words from offset 16 on, whose meaning depends on Code: a
// fault's address, or PID | UID<<32 and a value, or timer ID | overrun<<32 and a value.
type siginfo struct {
	Signo, Errno, Code int32
	Fields             [14]uint64
}

// A sigqueue holds pending signals. Adding and taking one costs the same however many wait.
type sigqueue struct {
	set    sigset // the signals that have a queue, and those whose siginfo found no room
	queues []fifo // by signal, none of them empty
	len    int    // of all queues
}

// A fifo holds the siginfos of one signal, oldest first.
type fifo struct {
	list  []siginfo
	taken slack // places before list in its array
}

// slack is memory that a structure has to spare. It depends on how a state was reached and is no part of it.
type slack int

func (q *fifo) add(info siginfo) {
	if len(q.list) == cap(q.list) {
		q.taken = 0 // append leaves the places behind
	}
	q.list = append(q.list, info)
}

// take removes the oldest. It copies the rest when half as many have been taken as wait, so that the places of those taken
// go back to the host at the price of two copies for each.
func (q *fifo) take() siginfo {
	info := q.list[0]
	q.list = q.list[1:]
	q.taken++
	if int(q.taken) > len(q.list)/2+8 {
		*q = fifo{list: slices.Clone(q.list)}
	}
	return info
}

// find returns where the queue of the signal is, or would be.
func (q *sigqueue) find(sig int) (int, bool) {
	return slices.BinarySearchFunc(q.queues, sig, func(f fifo, sig int) int { return int(f.list[0].Signo) - sig })
}

// add queues the signal, unless it is a standard one that is pending already.
func (q *sigqueue) add(info siginfo) bool {
	sig := int(info.Signo)
	if sig < firstRT && q.set.has(sig) {
		return false
	}
	i, ok := q.find(sig)
	if !ok {
		q.queues = slices.Insert(q.queues, i, fifo{list: []siginfo{info}})
	} else {
		q.queues[i].add(info)
	}
	q.set |= sigbit(sig)
	q.len++
	return true
}

// take removes the oldest instance of the signal that comes first among those in the set: synchronous ones, then by number.
func (q *sigqueue) take(from sigset) (siginfo, bool) {
	from &= q.set
	if from == 0 {
		return siginfo{}, false
	}
	if s := from & synchronous; s != 0 {
		from = s
	}
	sig := from.first()
	i, ok := q.find(sig)
	if !ok { // it found no room (collect_signal in kernel/signal.c)
		q.set &^= sigbit(sig)
		return siginfo{Signo: int32(sig), Code: SI_USER}, true
	}
	q.len--
	if f := &q.queues[i]; len(f.list) > 1 {
		return f.take(), true
	}
	info := q.queues[i].list[0]
	q.queues = slices.Delete(q.queues, i, i+1)
	q.set &^= sigbit(sig)
	return info, true
}

// drop removes all instances of the signals in the set.
func (q *sigqueue) drop(s sigset) {
	if q.set&s == 0 {
		return
	}
	q.queues = slices.DeleteFunc(q.queues, func(f fifo) bool {
		gone := s.has(int(f.list[0].Signo))
		if gone {
			q.len -= len(f.list)
		}
		return gone
	})
	q.set &^= s
}

// clone returns a copy that shares nothing with q.
func (q *sigqueue) clone() sigqueue {
	c := *q
	c.queues = make([]fifo, len(q.queues))
	for i, f := range q.queues {
		c.queues[i].list = slices.Clone(f.list)
	}
	return c
}
