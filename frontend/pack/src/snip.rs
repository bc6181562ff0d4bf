//! Lets go of functions that are in the WASM only because a table or an export points to them, and that nothing ever calls.
//!
//! The linker drops what nobody refers to; but a view's table of functions refers to all of them, also to those of a way
//! we do not go, and a library exports what it might need. Both are pointed to a function that traps instead: what only
//! they referred to goes when wasm-bindgen collects what is unused. Code that calls a function by itself keeps it: the
//! linker makes one of functions that read alike, so a name says little about who else calls it. Should one of them be
//! called after all, the page says that it could not start, and the browser's tests see it.

use anyhow::{Result, ensure};
use walrus::{ElementItems, ExportItem, FunctionBuilder, FunctionId, Module};

/// Steps of waking up a page piece by piece: ours wake up at once (`hydrate_body`). A seventh of all code.
const NOT_GONE: &str = "hydrate_async";
/// How a step's name ends: it is a closure; then comes a hash.
const STEP: &str = "_$u7b$$u7b$closure$u7d$$u7d$17h";
/// Smaller ones may read like functions of quite another kind. In instructions.
const SURELY_ITS_OWN: u64 = 40;
/// Streams of server functions: there are none.
const NOT_USED: &str = "intounderlying";

/// # Errors
/// If there is nothing of the kind: a library has changed its names, and the site would grow in silence.
pub fn never_called(module: &mut Module) -> Result<()> {
    let steps = forget_in_tables(module);
    let exports = forget_exports(module);
    println!("site: left out {steps} steps and {exports} exports that nothing calls");
    ensure!(steps > 0, "no function is named {NOT_GONE} any more: see frontend/pack/src/snip.rs");
    ensure!(exports > 0, "nothing is exported as {NOT_USED} any more: see frontend/pack/src/snip.rs");
    Ok(())
}

fn forget_in_tables(module: &mut Module) -> usize {
    let dead: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(id, code)| module.funcs.get(*id).name.as_deref().is_some_and(is_step) && code.size() > SURELY_ITS_OWN)
        .map(|(id, _)| id)
        .collect();
    let trap = trap_like(module, None);
    let mut forgotten = 0;
    for element in module.elements.iter_mut() {
        if let ElementItems::Functions(functions) = &mut element.items {
            for function in functions.iter_mut().filter(|function| dead.contains(function)) {
                *function = trap;
                forgotten += 1;
            }
        }
    }
    forgotten
}

fn is_step(name: &str) -> bool {
    let (way, hash) = name.rsplit_once(STEP).unwrap_or_default();
    // The closure itself, not what it drops or calls.
    way.rsplit_once(NOT_GONE).is_some_and(|(_, rest)| rest.len() < 4) && hash.len() < 20
}

fn forget_exports(module: &mut Module) -> usize {
    let dead: Vec<_> = module
        .exports
        .iter()
        // What describes types is run by wasm-bindgen, which then removes it.
        .filter(|export| export.name.contains(NOT_USED) && !export.name.contains("describe"))
        .filter_map(|export| match export.item {
            ExportItem::Function(function) => Some((export.id(), function)),
            ExportItem::Table(_) | ExportItem::Memory(_) | ExportItem::Global(_) | ExportItem::Tag(_) => None,
        })
        .collect();
    for (export, function) in &dead {
        let trap = trap_like(module, Some(*function));
        module.exports.get_mut(*export).item = ExportItem::Function(trap);
    }
    dead.len()
}

/// A function that traps: of the type of `model`, which an export's caller relies on, or of none.
fn trap_like(module: &mut Module, model: Option<FunctionId>) -> FunctionId {
    let (params, results) = model.map_or_else(Default::default, |model| {
        let (params, results) = module.types.params_results(module.funcs.get(model).ty());
        (params.to_vec(), results.to_vec())
    });
    let args = params.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    builder.finish(args, &mut module.funcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_the_closure_of_that_way_and_nothing_around_it() {
        let hash = "17hc31cc6a7143e9944E";
        let closure = "28_$u7b$$u7b$closure$u7d$$u7d$";
        assert!(is_step(&format!("_ZN53_AnyView8into_any13hydrate_async{closure}{hash}")));
        assert!(!is_step(&format!("_ZN53_HtmlElement13hydrate_async{closure}7inner_1{hash}")));
        assert!(!is_step(&format!("_ZN4core3ptr13drop_in_place$LT$hydrate_async{closure}$GT${hash}")));
        assert!(!is_step(&format!("_ZN53_HtmlElement7hydrate{closure}{hash}")));
        assert!(!is_step("malloc"));
    }
}
