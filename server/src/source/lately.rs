//! What was seen lately: a set that forgets the oldest beyond its bound.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

#[derive(Debug)]
pub struct Lately<T> {
    most: usize,
    known: HashSet<T>,
    order: VecDeque<T>,
}

impl<T: Hash + Eq + Clone> Lately<T> {
    pub fn new(most: usize) -> Self {
        Self { most, known: HashSet::new(), order: VecDeque::new() }
    }

    pub fn add(&mut self, one: T) {
        if self.known.insert(one.clone()) {
            self.order.push_back(one);
        }
        while self.order.len() > self.most {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    pub fn has<Q: Hash + Eq + ?Sized>(&self, one: &Q) -> bool
    where
        T: std::borrow::Borrow<Q>,
    {
        self.known.contains(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut lately = Lately::new(2);
        for n in [1, 2, 1, 3] {
            lately.add(n);
        }
        assert_eq!([1, 2, 3].map(|n| lately.has(&n)), [false, true, true]);
    }
}
