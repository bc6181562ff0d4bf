//! The pictures of the live view's last tick, as far as there is room.

use super::wanted::PictureRequest;
use app::domain::Moment;
use bytes::Bytes;

/// Pictures of one tick that are kept, and their bytes.
const MOST_KEPT: usize = 48;
const MOST_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// The pictures of one tick.
#[derive(Debug, Default)]
pub(super) struct PictureCache {
    as_of: Moment,
    pictures: Vec<(PictureRequest, Bytes)>,
    bytes: usize,
}

impl PictureCache {
    pub(super) fn get(&self, as_of: Moment, wanted: &PictureRequest) -> Option<Bytes> {
        let mut of_this_tick = self.pictures.iter().filter(|_| self.as_of == as_of);
        of_this_tick.find(|(kept, _)| kept == wanted).map(|(_, picture)| picture.clone())
    }

    /// Pictures of an older tick go; where there is no room the new one is not kept.
    pub(super) fn put(&mut self, as_of: Moment, wanted: PictureRequest, picture: &Bytes) {
        if as_of > self.as_of {
            *self = Self { as_of, ..Self::default() };
        }
        let fits = self.pictures.len() < MOST_KEPT && self.bytes + picture.len() <= MOST_KEPT_BYTES;
        if self.as_of == as_of && fits {
            self.bytes += picture.len();
            self.pictures.push((wanted, picture.clone()));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_an_older_tick_go_and_room_is_bounded() {
        let wanted = |width| PictureRequest::read("pdd.svg", &[("width".to_owned(), format!("{width}"))]).unwrap();
        let (mut kept, at) = (PictureCache::default(), Moment::from_secs);
        for width in 300..400 {
            kept.put(at(1), wanted(width), &Bytes::from_static(b"x"));
        }
        assert_eq!((kept.pictures.len(), kept.get(at(1), &wanted(300)).is_some()), (MOST_KEPT, true));
        kept.put(at(2), wanted(300), &Bytes::from_static(b"y"));
        assert_eq!((kept.pictures.len(), kept.bytes, kept.get(at(1), &wanted(300))), (1, 1, None));
        kept.put(at(1), wanted(301), &Bytes::from_static(b"z"));
        assert_eq!(kept.pictures.len(), 1, "a late one of an older tick is not kept");
    }
}
