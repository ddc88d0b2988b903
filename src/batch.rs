//! Many documents on several threads, with the results in input order.
//!
//! The threads belong to one call and are gone when it returns: a process that forks afterwards is safe, and nothing is
//! left running. Memory is bounded by the documents in flight, not by how many there are.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;

use crate::cleaned::Cleaned;
use crate::cleaner::{self, Cleaner};
use crate::document::{Document, Format};
use crate::error::{Error, ErrorKind, Result};
use crate::report::Removal;

/// Tasks in flight for each thread: enough that threads need not wait for the slowest document before theirs.
const TASKS_PER_THREAD: usize = 8;
/// Small documents share a task, so that handing them over costs little: at most this many, and this many bytes.
const TASK_DOCUMENTS: usize = 32;
const TASK_BYTES: u64 = 64 << 10;
/// Bytes of input in flight. A document is cleaned in about eight times its own size at worst.
const BYTES_IN_FLIGHT: u64 = 128 << 20;

/// How to run over many documents.
///
/// ```
/// use dehusk::{Cleaner, Document, batch::Batch};
///
/// let pages = ["Subscribe to our newsletter\n\nThe ferry left at noon.\n", "Nobody on the pier waved.\n"];
/// let mut bodies = Vec::new();
/// let documents = pages.iter().map(|p| Document::new(p));
/// Batch::new().threads(2).clean(&Cleaner::new(), documents, |page| bodies.push(page.body().into_owned()))?;
/// assert_eq!(bodies, ["The ferry left at noon.\n", "Nobody on the pier waved.\n"]);
/// # Ok::<(), dehusk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    threads: usize,
    in_flight: u64,
}

impl Batch {
    /// One thread for each processor that this process may use.
    pub fn new() -> Self {
        Self { threads: thread::available_parallelism().map_or(1, NonZeroUsize::get), in_flight: BYTES_IN_FLIGHT }
    }

    /// Sets the number of threads; 0 counts as 1. The results do not depend on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets how many bytes of input are in work at once: the default is 128 MiB. Cleaning takes about eight times as much
    /// memory at worst. An item that is larger is in work alone.
    pub fn in_flight(mut self, bytes: u64) -> Self {
        self.in_flight = bytes;
        self
    }

    /// How many threads it runs.
    pub fn thread_count(&self) -> usize {
        self.threads
    }

    /// Cleans documents; `each` gets the results in input order, on the calling thread. A document whose cleaning panics
    /// passes through whole, marked as an internal error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when the system has no threads left.
    pub fn clean<'a, I>(&self, cleaner: &Cleaner, documents: I, each: impl FnMut(Cleaned<'a>)) -> Result<()>
    where
        I: IntoIterator<Item = Document<'a>>,
    {
        self.map(documents, |d| d.raw().len() as u64, |document| clean_caught(cleaner, document), each)
    }

    /// Does `work` on every item; `each` gets the results in input order, on the calling thread. `cost` is about the bytes
    /// that an item takes in memory: see [`in_flight`](Self::in_flight).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when the system has no threads left.
    ///
    /// # Panics
    ///
    /// When `work` or `each` panics.
    pub fn map<T, R>(
        &self,
        items: impl IntoIterator<Item = T>,
        cost: impl Fn(&T) -> u64,
        work: impl Fn(T) -> R + Sync,
        mut each: impl FnMut(R),
    ) -> Result<()>
    where
        T: Send,
        R: Send,
    {
        let mut items = items.into_iter();
        if self.threads == 1 {
            items.for_each(|item| each(work(item)));
            return Ok(());
        }
        let run = |pool: &rayon::ThreadPool| {
            let (done, results) = mpsc::channel();
            let mut queue = Queue::default();
            let work = &work;
            pool.in_place_scope(|scope| {
                let mut next = items.next();
                loop {
                    while let Some(first) = next.take_if(|item| queue.has_room(cost(item), self)) {
                        let mut bytes = cost(&first);
                        let mut task = vec![first];
                        next = items.next();
                        while let Some(item) =
                            next.take_if(|i| task.len() < TASK_DOCUMENTS && bytes + cost(i) <= TASK_BYTES)
                        {
                            bytes += cost(&item);
                            task.push(item);
                            next = items.next();
                        }
                        let at = queue.push(bytes);
                        let done = done.clone();
                        let work = move || task.into_iter().map(work).collect::<Vec<R>>();
                        // The receiver lives as long as the scope; were it gone, nobody would miss the result.
                        scope.spawn(move |_| drop(done.send((at, catch_unwind(AssertUnwindSafe(work))))));
                    }
                    if queue.is_empty() {
                        break;
                    }
                    let Ok((at, result)) = results.recv() else { break };
                    queue.put(at, result.unwrap_or_else(|panic| resume_unwind(panic)));
                    while let Some(results) = queue.pop() {
                        results.into_iter().for_each(&mut each);
                    }
                }
            });
        };
        rayon::ThreadPoolBuilder::new().num_threads(self.threads).build_scoped(|thread| thread.run(), run).map_err(
            |e| Error::new(ErrorKind::Config, format!("cannot start {} threads: {e}; ask for fewer", self.threads)),
        )
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// Cleans one document. If that panics, or what is to be removed is no set of disjoint pieces of the document, it passes
/// through whole, marked as an internal error.
pub fn clean_caught<'a>(cleaner: &Cleaner, document: Document<'a>) -> Cleaned<'a> {
    if document.raw().len() > cleaner::MAX_DOCUMENT {
        return cleaner.clean(document);
    }
    let clean = || cleaner.inspect(&document, |page, decision| cleaner::report(&document, page, decision));
    match catch_unwind(AssertUnwindSafe(clean)) {
        Ok(report) if tiles(report.removals(), &document) => Cleaned::new(document, report),
        Ok(_) => Cleaned::after_panic(document, "the removed pieces overlap or leave the document"),
        Err(panic) => Cleaned::after_panic(document, &message(&*panic)),
    }
}

/// Reads raw bytes as a document. If that panics, the bytes are taken for text that passes through whole, marked as an
/// internal error; `Err` is that result.
///
/// # Errors
///
/// The document as it passes through.
pub fn read_caught<'a, T>(raw: &'a [u8], read: impl FnOnce() -> T) -> std::result::Result<T, Box<Cleaned<'a>>> {
    catch_unwind(AssertUnwindSafe(read))
        .map_err(|panic| Box::new(Cleaned::after_panic(Document::from_bytes(raw), &message(&*panic))))
}

/// The law that restoring rests on, checked on every document: pieces are sorted, disjoint, not empty and of the document.
/// Of a page that is its visible text, since line breaks that tags make have no bytes of their own.
fn tiles(removals: &[Removal], document: &Document<'_>) -> bool {
    let html = document.layout() == Format::Html;
    let len = if html { document.text().len() } else { document.raw().len() };
    let mut end = 0;
    removals.iter().map(|r| if html { r.view_span() } else { r.span() }).all(|span| {
        let sound = end <= span.start && span.start < span.end && span.end <= len;
        end = span.end;
        sound
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

/// What is in flight: results wait here for those before them.
struct Queue<R> {
    /// Cost of each task in flight, and its results when they are there; the oldest first.
    slots: VecDeque<(u64, Option<R>)>,
    /// Index of the oldest task.
    first: usize,
    cost: u64,
}

impl<R> Default for Queue<R> {
    fn default() -> Self {
        Self { slots: VecDeque::new(), first: 0, cost: 0 }
    }
}

impl<R> Queue<R> {
    fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    fn has_room(&self, cost: u64, batch: &Batch) -> bool {
        self.is_empty() || (self.slots.len() < batch.threads * TASKS_PER_THREAD && self.cost + cost <= batch.in_flight)
    }

    fn push(&mut self, cost: u64) -> usize {
        self.cost += cost;
        self.slots.push_back((cost, None));
        self.first + self.slots.len() - 1
    }

    fn put(&mut self, at: usize, result: R) {
        self.slots[at - self.first].1 = Some(result);
    }

    /// The oldest task's results, if they are there.
    fn pop(&mut self) -> Option<R> {
        let result = self.slots.front_mut()?.1.take()?;
        let (cost, _) = self.slots.pop_front()?;
        self.first += 1;
        self.cost -= cost;
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_input_order_at_any_thread_count() {
        for threads in [1, 2, 3, 16] {
            let mut out = Vec::new();
            let slow_first = |n: u64| {
                thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(7) { 900 } else { 1 }));
                n
            };
            Batch::new().threads(threads).map(0..200, |_| 1, slow_first, |n| out.push(n)).unwrap();
            assert_eq!(out, (0..200).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_in_flight_is_bounded() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..5000).inspect(|_| {
            let n = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(n, Ordering::SeqCst);
        });
        Batch::new()
            .threads(2)
            .map(
                items,
                |_| 1,
                |n| n,
                |_| {
                    now.fetch_sub(1, Ordering::SeqCst);
                },
            )
            .unwrap();
        assert!(most.load(Ordering::SeqCst) <= 2 * TASKS_PER_THREAD * TASK_DOCUMENTS + 1);
        // Items as large as the whole budget go one by one.
        let running = AtomicUsize::new(0);
        let alone = |()| {
            assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
            running.fetch_sub(1, Ordering::SeqCst);
        };
        Batch::new().threads(4).map([(); 20], |()| BYTES_IN_FLIGHT, alone, |()| ()).unwrap();
    }

    #[test]
    fn a_panic_in_work_ends_the_call() {
        let run = || Batch::new().threads(2).map(0..100, |_| 1, |n| assert_ne!(n, 50, "fifty"), |()| ());
        let panic = catch_unwind(run).unwrap_err();
        assert!(message(&*panic).contains("fifty"));
    }

    #[test]
    fn a_document_after_a_panic_is_whole_and_marked() {
        let page = Cleaned::after_panic(Document::new("text"), "slice index");
        assert!(page.report().is_internal_error());
        assert_eq!((page.body().as_ref(), page.report().reason()), ("text", Some("internal error: slice index")));
    }
}
